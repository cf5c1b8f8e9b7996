import type { SimilarTicket } from "../api/types";

/** Why a ticket is proposed, in the words that the journal keeps where a person accepts it. */
export function why({ relation_name, alike, same_place }: SimilarTicket): string {
  return [relation_name, same_place && "写明同一地点", `文字相近${alike}%`].filter(Boolean).join("，");
}

export function Why({ similar }: { similar: SimilarTicket }) {
  const { relation, relation_name, alike, same_place, persons } = similar;
  const same = relation === "again" || relation === "same-person";
  return (
    <p className="similar-why">
      <span className={same ? "mark overdue" : "mark provisional"}>{relation_name}</span>
      {same_place && <span className="mark">同一地点</span>}
      <span className="muted">
        文字相近{alike}%{persons > 1 && ` · 已有${persons}人`}
      </span>
    </p>
  );
}
