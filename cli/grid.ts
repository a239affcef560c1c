import type { Grid } from '@assay/engine/package/sample-spec.ts'
import { CliError } from './failure.ts'

/** A parser of grids such as `28x28`, `32x32x3` or `32x32x3,channels-first`. @throws CliError for anything else */
export function gridOption(option: string): (text: string) => Grid {
  return (text) => {
    const parts = /^(\d{1,8})x(\d{1,8})(?:x(\d{1,8}))?(?:,(channels-last|channels-first))?$/.exec(text)
    const [height, width, channels] = [parts?.[1], parts?.[2], parts?.[3] ?? '1'].map(Number)
    if (height! > 0 && width! > 0 && channels! > 0) {
      const order = parts?.[4] === 'channels-first' ? 'channels-first' : 'channels-last'
      return { height: height!, width: width!, channels: channels!, order }
    }
    throw new CliError(
      'usage',
      `${option} "${text}" is not a grid.`,
      'Give height x width, and x channels if there are several: 28x28, 1x512, 32x32x3 or 32x32x3,channels-first.',
    )
  }
}
