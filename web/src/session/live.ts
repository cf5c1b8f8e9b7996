import { useEffect } from "react";
import { queryClient } from "../api/queries";

/** Lists are asked for anew at most this often, however much happens. */
const LISTS_MS = 2_000;
/** A stream that ended or was refused is asked for again after this. */
const AGAIN_MS = 30_000;

/** Hears which tickets changed until it is told to stop. Where the line was cut the browser itself connects again, and hears `reset`. */
function listen(): () => void {
  let source: EventSource;
  let lists: number | undefined;
  let again: number | undefined;

  const askForLists = () => {
    lists ??= window.setTimeout(() => {
      lists = undefined;
      void queryClient.invalidateQueries({ queryKey: ["tickets"] });
    }, LISTS_MS);
  };
  const later = () => {
    source.close();
    again = window.setTimeout(connect, AGAIN_MS);
  };
  const connect = () => {
    source = new EventSource("/api/v1/events");
    source.addEventListener("ticket", (event: MessageEvent<string>) => {
      void queryClient.invalidateQueries({ queryKey: ["ticket", event.data] });
      askForLists();
    });
    source.addEventListener("reset", () => {
      void queryClient.invalidateQueries({ queryKey: ["ticket"] });
      askForLists();
    });
    source.addEventListener("end", () => {
      void queryClient.invalidateQueries({ queryKey: ["me"] });
      later();
    });
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) later();
    };
  };

  connect();
  return () => {
    source.close();
    window.clearTimeout(lists);
    window.clearTimeout(again);
  };
}

/** Keeps lists and open tickets as they are in the centre, without asking. */
export function useLive() {
  useEffect(listen, []);
}
