import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { writeWholeFile } from '@assay/sdk/client/whole-file.ts'
import { Resvg } from '@resvg/resvg-js'
import { parse, View } from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'
import { formatEther } from 'viem'
import type { DemoReport } from './report-types.ts'

const PIXELS_WIDE = 1_600

/**
 * Draws accuracy per round and what everybody was paid for, as `demo.svg` and `demo.png` in `dir`.
 * @returns the two files
 */
export async function drawCharts(report: DemoReport, dir: string): Promise<string[]> {
  const svg = await new View(parse(compile(specOf(report)).spec), { renderer: 'none' }).toSVG()
  const png = new Resvg(svg, {
    background: 'white',
    fitTo: { mode: 'width', value: PIXELS_WIDE },
    font: { loadSystemFonts: true, defaultFontFamily: 'DejaVu Sans' },
  })
  await mkdir(dir, { recursive: true })
  const files = [join(dir, 'demo.svg'), join(dir, 'demo.png')] as const
  await writeWholeFile(files[0], svg)
  await writeWholeFile(files[1], png.render().asPng())
  return [...files]
}

function specOf(report: DemoReport): TopLevelSpec {
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white',
    hconcat: [accuracySpec(report), paySpec(report)],
    resolve: { scale: { color: 'independent' } },
    config: { view: { stroke: null }, axis: { grid: false }, font: 'DejaVu Sans, sans-serif' },
  }
}

function accuracySpec({ rounds }: DemoReport) {
  const values = rounds.flatMap(({ round, accuracy, centralizedAccuracy }) => [
    { round, accuracy: 100 * accuracy, training: 'this protocol' },
    { round, accuracy: 100 * centralizedAccuracy, training: 'central, same steps' },
  ])
  return {
    title: 'Accuracy on unseen digits',
    width: 360,
    height: 300,
    data: { values },
    mark: { type: 'line' as const, point: true },
    encoding: {
      x: { field: 'round', type: 'ordinal' as const, axis: { labelAngle: 0 } },
      y: { field: 'accuracy', type: 'quantitative' as const, title: 'accuracy, %', scale: { zero: false } },
      color: {
        field: 'training',
        type: 'nominal' as const,
        title: null,
        legend: { orient: 'bottom' as const },
      },
    },
  }
}

function paySpec({ contributors, validators }: DemoReport) {
  const tokens = (wei: string) => Number(formatEther(BigInt(wei)))
  const values = [
    ...contributors.flatMap(({ behaviour, paidCompute, paidData }, i) => [
      { who: `C${i + 1} ${behaviour}`, order: i, term: 'compute × quality', tokens: tokens(paidCompute) },
      { who: `C${i + 1} ${behaviour}`, order: i, term: 'data × rarity', tokens: tokens(paidData) },
    ]),
    ...validators.map(({ behaviour, paidService }, i) => ({
      who: `V${i + 1} ${behaviour}`,
      order: contributors.length + i,
      term: 'service × uptime',
      tokens: tokens(paidService),
    })),
  ]
  return {
    title: 'What each term of the formula paid',
    width: 420,
    height: 300,
    data: { values },
    mark: 'bar' as const,
    encoding: {
      y: {
        field: 'who',
        type: 'nominal' as const,
        title: null,
        sort: { field: 'order', op: 'min' as const },
      },
      x: { field: 'tokens', type: 'quantitative' as const, title: 'reward tokens' },
      color: { field: 'term', type: 'nominal' as const, title: null, legend: { orient: 'bottom' as const } },
    },
  }
}
