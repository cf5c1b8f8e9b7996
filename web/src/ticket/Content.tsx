import type { TicketView } from "../api/types";

/** What is asked: the appeal, its points with the answers they got, what the desk added, and why it counts as special. */
export function Content({ ticket: { content, points, supplements, difficult, major, hold, work } }: { ticket: TicketView }) {
  const marks = [
    ["疑难、复杂", difficult],
    ["重大事项", major],
    ["限制销毁", hold],
  ].filter(([, why]) => why);
  return (
    <section className="card">
      <h2>诉求内容</h2>
      <div className="card-body">
        <p className="plain-text">{content}</p>
        {points.length > 0 && (
          <ol className="points" aria-label="诉求要点">
            {points.map((point, index) => (
              <li key={`${index} ${point}`}>
                {point}
                {work?.answers[index] && <p className="plain-text quoted">答：{work.answers[index]}</p>}
              </li>
            ))}
          </ol>
        )}
        {supplements.map((text, index) => (
          <p key={`${index} ${text}`} className="plain-text supplement">
            <strong>补充：</strong>
            {text}
          </p>
        ))}
        {marks.map(([name, why]) => (
          <p key={name} className="difficult">
            {name}：{why}
          </p>
        ))}
      </div>
    </section>
  );
}
