import { Link } from "@tanstack/react-router";
import { paths } from "../paths";
import { useMe } from "../session/session";

const KEEPS = ["provide-knowledge", "ask-knowledge", "review-knowledge", "check-knowledge"];

/** The parts of the knowledge base that are this person's. */
export function Tabs() {
  const { rights } = useMe();
  const exact = { exact: true, includeSearch: false };
  if (!rights.some((right) => KEEPS.includes(right))) return null;
  return (
    <nav className="knowledge-tabs" aria-label="知识库">
      <Link to={paths.knowledge} search={{}} activeOptions={exact}>
        查用
      </Link>
      <Link to={paths.knowledgeLists} search={{}} activeOptions={exact}>
        清单
      </Link>
      {rights.includes("check-knowledge") && (
        <Link to={paths.knowledgeFigures} activeOptions={exact}>
          准确率与更新
        </Link>
      )}
      {rights.includes("provide-knowledge") && (
        <Link to={paths.newEntry} activeOptions={exact} className="end">
          报送新条目
        </Link>
      )}
    </nav>
  );
}
