const HEIGHT = 36;
const WIDTH = 150;

/** Contacts of each day as small bars, the oldest on the left; said in words for who does not see them. */
export function Trend({ days }: { days: number[] }) {
  const most = Math.max(1, ...days);
  const wide = WIDTH / Math.max(1, days.length);
  const half = Math.ceil(days.length / 2);
  const sum = (of: number[]) => of.reduce((all, one) => all + one, 0);
  const said = `近${days.length}天每日诉求数：最多一天${Math.max(0, ...days)}次，前半段${sum(days.slice(0, half))}次，后半段${sum(days.slice(half))}次`;
  return (
    <svg className="hot-trend" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={said}>
      <title>{said}</title>
      <line x1="0" x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} stroke="#c9d3d4" />
      {days.map((count, day) => {
        const high = (count / most) * (HEIGHT - 2);
        return count > 0 && <rect key={day} x={day * wide} y={HEIGHT - 1 - high} width={Math.max(1, wide - 1)} height={high} />;
      })}
    </svg>
  );
}
