import { FieldTimeOutlined } from "@ant-design/icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, DatePicker, Popover } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useState } from "react";
import { api } from "../api/client";
import { problemOf, unwrap } from "../api/problem";
import { clockQuery } from "../api/queries";
import { useMe } from "../session/session";
import { addHours, beijing, fullDateTime, isoDate } from "../time";

function Setter({ now, close }: { now: string; close: () => void }) {
  const client = useQueryClient();
  const { message } = App.useApp();
  const [chosen, setChosen] = useState<Dayjs | null>(null);
  const moving = useMutation({
    mutationFn: (to: string) => unwrap(api.POST("/api/v1/clock", { body: { to } })),
    onSuccess: (clock) => {
      message.success(`系统时间已调到 ${fullDateTime(clock.now)}`);
      close();
      // Time moves every clock on every screen.
      return client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "me" });
    },
    onError: (error) => message.error(problemOf(error).message),
  });
  const today = dayjs(isoDate(now));
  return (
    <div className="clock-set">
      <p className="muted">演示用：时间只能往后调，到期、超期和自动归档随之发生。</p>
      <div className="clock-steps">
        <Button disabled={moving.isPending} onClick={() => moving.mutate(addHours(now, 1))}>
          下一小时
        </Button>
        <Button disabled={moving.isPending} onClick={() => moving.mutate(beijing(isoDate(addHours(now, 24)), "09:00"))}>
          明天9点
        </Button>
      </div>
      <div className="clock-steps">
        <DatePicker
          showTime={{ format: "HH:mm" }}
          format="YYYY-MM-DD HH:mm"
          placeholder="指定时间"
          aria-label="指定时间"
          // The centre's today, not that of the computer.
          showNow={false}
          minDate={today}
          defaultPickerValue={today}
          value={chosen}
          onChange={setChosen}
        />
        <Button
          type="primary"
          disabled={!chosen}
          loading={moving.isPending}
          onClick={() => chosen && moving.mutate(beijing(chosen.format("YYYY-MM-DD"), chosen.format("HH:mm")))}
        >
          调到
        </Button>
      </div>
    </div>
  );
}

/** The centre's time, where it can be set: in the demo and in rehearsals. A real centre has the wall clock and sees nothing here. */
export function ClockBox() {
  const me = useMe();
  const [open, setOpen] = useState(false);
  const { data } = useQuery({ ...clockQuery, enabled: me.clock.kind !== "real", initialData: me.clock });
  if (me.clock.kind === "real") return null;

  const settable = me.clock.settable && me.rights.includes("set-clock");
  const text = fullDateTime(data.now);
  if (!settable) return <span className="clock-box">{text}</span>;
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      trigger="click"
      placement="bottomRight"
      title="调整系统时间"
      content={<Setter now={data.now} close={() => setOpen(false)} />}
    >
      <button type="button" className="clock-box" aria-label={`系统时间 ${text}，调整`}>
        <FieldTimeOutlined aria-hidden />
        {text}
      </button>
    </Popover>
  );
}
