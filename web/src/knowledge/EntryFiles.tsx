import { DownloadOutlined, MinusCircleOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useEffect, useRef } from "react";
import { api } from "../api/client";
import { unwrap } from "../api/problem";
import { knowledgeChoicesQuery } from "../api/queries";
import type { EntryFile, KnowledgeContent } from "../api/types";
import { Sender } from "../files/Sender";
import { upload } from "../files/upload";

const GOAL = {
  key: "knowledge",
  begin: (body: { name: string; size: number }) => unwrap(api.POST("/api/v1/knowledge/files", { body })),
  finish: (id: string) => unwrap(api.POST("/api/v1/knowledge/files/{id}/finish", { params: { path: { id } } })),
};

const facts = ({ sort, size_words }: EntryFile) => `${sort} · ${size_words}`;

/** The files of a version, to be taken out. */
export function EntryFiles({ entry, content, known }: { entry: string; content: KnowledgeContent; known: EntryFile[] }) {
  const files = (content.files ?? []).map(({ file }) => known.find((one) => one.file === file)).filter((file) => file !== undefined);
  if (files.length === 0) return null;
  return (
    <ul className="entry-files" aria-label="附件">
      {files.map((file) => (
        <li key={file.file}>
          {file.open ? (
            <a href={`/api/v1/knowledge/${entry}/files/${file.file}`} download={file.name}>
              <DownloadOutlined aria-hidden /> {file.name}
            </a>
          ) : (
            <strong>{file.name}</strong>
          )}
          {!file.open && <span className={file.check === "infected" ? "mark overdue" : "mark plain"}>{file.check_name}</span>}
          <span className="muted">{facts(file)}</span>
        </li>
      ))}
    </ul>
  );
}

type Chosen = { value?: EntryFile[]; onChange?: (files: EntryFile[]) => void; busy: (busy: boolean) => void };

/** The files that the version is to have: added and taken away. What is taken away stays with the versions that were published with it. */
export function ChosenFiles({ value = [], onChange, busy }: Chosen) {
  const { data: choices } = useQuery(knowledgeChoicesQuery);
  // Several files come one after the other; what was taken away meanwhile stays away.
  const chosen = useRef(value);
  useEffect(() => {
    chosen.current = value;
  }, [value]);
  return (
    <div className="chosen-files">
      {value.length > 0 && (
        <ul className="entry-files" aria-label="这一版的附件">
          {value.map((file) => (
            <li key={file.file}>
              <span>{file.name}</span>
              <span className="muted">{facts(file)}</span>
              <Button
                type="text"
                size="small"
                icon={<MinusCircleOutlined />}
                aria-label={`删去附件${file.name}`}
                onClick={() => onChange?.(value.filter((one) => one.file !== file.file))}
              />
            </li>
          ))}
        </ul>
      )}
      {choices && (
        <Sender
          accept={choices.files.accept}
          words={choices.files.words}
          busy={busy}
          send={async (sending) => {
            const file = await upload({ goal: GOAL, ...sending });
            chosen.current = [...chosen.current, file];
            onChange?.(chosen.current);
          }}
        />
      )}
    </div>
  );
}
