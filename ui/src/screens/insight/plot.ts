import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

/** One row of values, one for each label; null where there is none. */
export interface Series {
  name: string;
  values: (number | null)[];
  /** Name of the colour among those of the theme: `--accent`. */
  color: string;
}

export interface Picture {
  labels: string[];
  series: Series[];
  bars: boolean;
  /** A value as the axis tells it. */
  show: (value: number) => string;
}

const HEIGHT = 220;

/** A row as bars; the second stands before the first: wide bars behind narrow ones. */
function bar(fill: string, at: number): Partial<uPlot.Series> {
  const paths = uPlot.paths.bars?.({ size: [at === 0 ? 0.8 : 0.45, 48] });
  return { fill, points: { show: false }, ...(paths && { paths }) };
}

/** Steps of an axis, in the axis' own unit: those whose marks do not all read as different are left out. */
export function steps(show: (value: number) => string): number[] {
  const marks = [0, 1, 2, 3, 4, 5, 6];
  const powers = Array.from({ length: 16 }, (_, power) => power - 5);
  return powers
    .flatMap((power) => [1, 2, 5].map((digit) => Number(`${digit}e${power}`)))
    .filter((step) => new Set(marks.map((mark) => show(mark * step))).size === marks.length);
}

/** Draws the picture in `place`, as wide as that is; gives the function that takes it away. */
export function draw(place: HTMLElement, picture: Picture): () => void {
  const theme = getComputedStyle(document.documentElement);
  const color = (name: string) => theme.getPropertyValue(name).trim();
  // In whole pixels: no other size is understood.
  const size = Math.round(0.875 * parseFloat(theme.fontSize));
  const font = `${size}px ${theme.getPropertyValue('--font')}`;
  const { labels, series, bars, show } = picture;
  const axis = { stroke: color('--text'), font, ticks: { stroke: color('--hairline') } };
  const plot = new uPlot(
    {
      width: place.clientWidth || 600,
      height: HEIGHT,
      cursor: { show: false },
      legend: { show: false },
      scales: {
        x: { time: false, range: [-0.6, labels.length - 0.4] },
        y: { range: (_, __, most) => [0, most > 0 ? most * 1.1 : 1] },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          incrs: [1, 2, 5, 10],
          values: (_, splits) => splits.map((at) => labels[at] ?? ''),
        },
        {
          ...axis,
          size: 6 * size,
          grid: { stroke: color('--hairline') },
          incrs: steps(show),
          values: (_, splits) => splits.map(show),
        },
      ],
      series: [
        {},
        ...series.map((one, at) => ({
          label: one.name,
          stroke: color(one.color),
          width: bars ? 0 : 2,
          ...(bars ? bar(color(one.color), at) : { points: { show: true, size: 7 } }),
        })),
      ],
    },
    [labels.map((_, at) => at), ...series.map((one) => one.values)],
    place,
  );
  const follow = new ResizeObserver(() => {
    if (place.clientWidth > 0) plot.setSize({ width: place.clientWidth, height: HEIGHT });
  });
  follow.observe(place);
  return () => {
    follow.disconnect();
    plot.destroy();
  };
}
