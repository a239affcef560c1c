/** What a sample is, and how a model is measured on it, in words. */
import type { Input, Metric, Target } from './sample-spec.ts'

/**
 * A model's metric in words: its name, and what the mean over samples comes to.
 *
 * @param mean of the samples' metrics, as a model's blob holds it; of an exp-mean, before it is raised
 */
export function metricText(metric: Metric, mean: number): string {
  return `${metric.name} ${metricValueText(metric, mean)}`
}

/** The same without its name. */
export function metricValueText({ unit, of }: Metric, mean: number): string {
  const value = of === 'exp-mean' ? Math.exp(mean) : mean
  if (unit === 'share') return `${Number((100 * value).toFixed(2))} %`
  return `${Number(value.toPrecision(4))}${unit === '' ? '' : ` ${unit}`}`
}

/** An input: its name, type, shape and, of whole numbers, their end. */
export function inputText({ name, dtype, shape, below }: Input): string {
  return `${name}: ${dtype} [${shape}]${below === undefined ? '' : `, below ${below}`}`
}

/** What a model tells of a sample. */
export function targetText(target: Target): string {
  switch (target.kind) {
    case 'class':
      return `${target.classes} classes`
    case 'tokens':
      return `${target.length} tokens of ${target.vocabulary}`
    default:
      return `${target.count} ${target.kind}`
  }
}
