import { useQuery } from "@tanstack/react-query";
import { Form, type FormInstance } from "antd";
import { proposalsQuery } from "../api/queries";
import type { Proposal } from "../api/types";
import type { RegisterValues } from "../register/Fields";
import { useSettled } from "../ui/settled";

/** Fewer characters say nothing. */
const LEAST = 4;

/** The fields of the register form for which something can be proposed, in the order of their keys: Alt+1, Alt+2, … */
export const FIELDS = ["kind", "category", "place", "urgent", "confidential"] as const;
export type Proposable = (typeof FIELDS)[number];

const empty = (value: unknown) => value === undefined || value === null || value === false || (typeof value === "string" && !value.trim());

export type Proposals = {
  /** What is proposed for a field that the clerk has left empty. */
  of: (field: Proposable) => Proposal | undefined;
  take: (field: Proposable) => void;
};

/** What is proposed for what has been typed so far: asked for when the typing stands still; of a text that is no longer there, or without a
 * network, nothing. Taking one fills an empty field and never writes over anything. */
export function useProposals(form: FormInstance<RegisterValues>, taken: () => void): Proposals {
  const title = Form.useWatch("title", form) ?? "";
  const content = Form.useWatch("content", form) ?? "";
  const kind = Form.useWatch("kind", form);
  const category = Form.useWatch("category", form);
  const place = Form.useWatch("place", form);
  const urgent = Form.useWatch("urgent", form);
  const confidential = Form.useWatch("confidential", form);
  const text = useSettled(JSON.stringify({ title, content }), 400);
  const still = text === JSON.stringify({ title, content });
  const said = JSON.parse(text) as { title: string; content: string };
  const enough = (said.title + said.content).trim().length >= LEAST;
  const { data, isError } = useQuery({
    ...proposalsQuery({ ...said, kind: kind ?? undefined }),
    enabled: enough,
    // Of the same text, what was proposed stays until the kind's own answer is there.
    placeholderData: (before, query) => {
      const asked = query?.queryKey[2];
      return asked?.title === said.title && asked.content === said.content ? before : undefined;
    },
  });
  const known = enough && still && !isError ? (data ?? []) : [];
  const values: Record<Proposable, unknown> = { kind, category, place, urgent, confidential };
  const of = (field: Proposable) => known.find((p) => p.field === field && empty(values[field]));
  return {
    of,
    take: (field) => {
      const proposal = of(field);
      if (!proposal || !empty(form.getFieldValue(field))) return;
      form.setFieldValue(field, proposal.value === "true" ? true : proposal.value);
      void form.validateFields([field]).catch(() => undefined);
      taken();
    },
  };
}
