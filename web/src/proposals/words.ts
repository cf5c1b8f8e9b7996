import type { Proposal } from "../api/types";

/** How sure a proposal is, for people: what follows from words or the catalogue has no share until it was measured. */
export function sureness({ confidence, source_name }: Proposal): string {
  return confidence == null ? source_name : `${source_name} ${Math.round(confidence * 100)}%`;
}

/** The whole ground of a proposal, for a tooltip. */
export function ground(proposal: Proposal): string {
  const measured = proposal.confidence == null ? "" : `，这样的提示约${Math.round(proposal.confidence * 100)}%正确`;
  const version = proposal.version ? `（模型${proposal.version}）` : "";
  return [`${proposal.source_name}${version}${measured}`, proposal.why].filter(Boolean).join("；");
}
