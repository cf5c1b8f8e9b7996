import { useQuery } from "@tanstack/react-query";
import { proposalsQuery } from "../api/queries";
import type { Proposal, TicketView } from "../api/types";
import { Chip } from "./Chip";

type Props = { ticket: TicketView; chosen: boolean; take: (proposal: Proposal) => void };

/** To which unit the ticket would go by the catalogue, or by what was done before; it says which. Gone once a unit is chosen. */
export function Department({ ticket, chosen, take }: Props) {
  const { title, content, kind, category, place } = ticket;
  const { data, isError } = useQuery(proposalsQuery({ title, content, kind, category: category ?? undefined, place: place ?? undefined }));
  const proposal = isError ? undefined : data?.find(({ field }) => field === "department");
  if (!proposal || chosen) return null;
  return (
    <div className="suggestions">
      <span className="muted">承办单位提示</span>
      <Chip proposal={proposal} take={() => take(proposal)} point={() => undefined} />
      {proposal.why && <span className="muted">{proposal.why}</span>}
    </div>
  );
}
