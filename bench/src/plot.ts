import { init } from 'echarts';
import { Evidence } from './evidence.js';

const WIDTH = 1060;
const PER_BAR = 24;
const MARGIN = 90;

/** A suite's contenders as bars, each held against the reference of its case: an SVG. */
export const plotOf = ({ suite, rows }: Evidence): string => {
  const bars = rows.map(({ case: name, contender, unit, ratio }) => ({
    label: `${name}: ${contender}${unit === 'per second' ? '' : ` (${unit})`}`,
    ratio,
  }));
  const chart = init(null, null, {
    renderer: 'svg',
    ssr: true,
    width: WIDTH,
    height: bars.length * PER_BAR + MARGIN,
  });
  chart.setOption({
    animation: false,
    backgroundColor: '#fff',
    title: { text: `${suite}: ratio to the reference of each case`, textStyle: { fontSize: 14 } },
    grid: { left: 580, right: 60, top: 50, bottom: 30 },
    xAxis: { type: 'value', min: 0 },
    yAxis: {
      type: 'category',
      inverse: true,
      data: bars.map(({ label }) => label),
      axisLabel: { fontSize: 11 },
    },
    series: [
      {
        type: 'bar',
        data: bars.map(({ ratio }) => ratio),
        label: { show: true, position: 'right' },
        markLine: { symbol: 'none', data: [{ xAxis: 1 }], label: { show: false } },
      },
    ],
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return `${svg}\n`;
};
