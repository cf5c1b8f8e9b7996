import { useMutation, useQuery } from "@tanstack/react-query";
import { App, Select } from "antd";
import { api } from "../api/client";
import { problemOf, unwrap } from "../api/problem";
import { ownDutyQuery, queryClient } from "../api/queries";
import type { Presence } from "../api/types";

/** Whether one takes calls, said by oneself. */
export function PresenceBox() {
  const { data } = useQuery(ownDutyQuery);
  const { message } = App.useApp();
  const say = useMutation({
    mutationFn: (state: Presence) => unwrap(api.PUT("/api/v1/duty/own", { body: { state } })),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["duty"] }),
    onError: (error) => message.error(problemOf(error).message),
  });
  if (!data) return null;
  const today = data.today.length > 0 ? `今天：${data.today.join("、")}` : "今天没有排班";
  return (
    <Select
      className="presence"
      variant="borderless"
      aria-label="在岗状态"
      title={today}
      popupMatchSelectWidth={false}
      value={say.isPending ? say.variables : data.state}
      options={data.states.map(({ code, name }) => ({ value: code as Presence, label: name }))}
      onChange={(state) => say.mutate(state)}
    />
  );
}
