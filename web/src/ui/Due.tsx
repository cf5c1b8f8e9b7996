import { ClockCircleOutlined, HourglassOutlined, WarningFilled } from "@ant-design/icons";
import { Tooltip } from "antd";
import type { Due as DueAt } from "../api/types";

export const TONE_ICONS = { ok: ClockCircleOutlined, soon: HourglassOutlined, late: WarningFilled } as const;

/**
 * The next duty: how long is left, until when; which duty and by which article on hover. Colour never speaks alone. Where it is another
 * unit's than the lead's, which the row names, that unit is named too.
 */
export function Due({ due, lead }: { due: DueAt; lead?: string | null }) {
  const Icon = TONE_ICONS[due.tone];
  const whose = due.unit_name ?? "热线中心";
  const basis = [`${whose} ${due.clock_name}时限 ${due.words}`, due.article].filter(Boolean).join(" · ");
  return (
    <Tooltip title={basis}>
      <span className={`due tone-${due.tone}`}>
        <span className="left">
          <Icon aria-hidden />
          {due.left}
        </span>
        <span className="at">
          {due.unit && due.unit !== lead && `${due.unit_name} `}
          {due.clock_name} {due.words}
          {due.article && <span className="unseen">（{due.article}）</span>}
        </span>
      </span>
    </Tooltip>
  );
}

export function StateName({ code, name }: { code: string; name: string }) {
  return (
    <span className="state" data-state={code}>
      {name}
    </span>
  );
}
