import type { Proposal } from "../api/types";
import "./proposals.css";
import { ground, sureness } from "./words";

type Props = {
  proposal: Proposal;
  /** The digit that takes it together with Alt. */
  digit?: number;
  take: () => void;
  /** The pointer or the focus is on it, or has left. */
  point: (proposal: Proposal | undefined) => void;
};

/** What the program proposes for a field, beside its label. It changes nothing until it is taken. */
export function Chip({ proposal, digit, take, point }: Props) {
  return (
    <button
      type="button"
      className={`chip ${proposal.field === "urgent" ? "chip-urgent" : ""}`}
      title={ground(proposal)}
      aria-label={`采用提示：${proposal.label}，${sureness(proposal)}`}
      aria-keyshortcuts={digit ? `Alt+${digit}` : undefined}
      onClick={(event) => {
        // The label around it would move the focus into the field.
        event.preventDefault();
        point(undefined);
        take();
      }}
      onPointerEnter={() => point(proposal)}
      onPointerLeave={() => point(undefined)}
      onFocus={() => point(proposal)}
      onBlur={() => point(undefined)}
    >
      <span className="chip-label">{proposal.label}</span>
      <span className="chip-sure">{sureness(proposal)}</span>
      {digit && <kbd>Alt {digit}</kbd>}
    </button>
  );
}
