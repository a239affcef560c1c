import type { Command } from 'commander'
import { pictureSize } from './picture-size.ts'
import { wholeNumber } from './whole-number.ts'

/** Of a sample of text. */
const MOST_TOKENS = 65_536

/** Adds the options that say what samples are made of files, to a verb that works that out; not the files themselves. */
export function withLearnOptions(command: Command): Command {
  return command
    .option('--target <name...>', 'the columns or the array that are to be predicted')
    .option('--without <column...>', 'columns that are left out')
    .option('--tokens <array...>', 'arrays of whole numbers that stand for something, such as words')
    .option('--size <height x width>', 'of pictures (default: theirs, or 32x32)', pictureSize)
    .option(
      '--length <number>',
      'tokens of a sample of text (default: 64)',
      wholeNumber('--length', MOST_TOKENS),
    )
    .option(
      '--stride <number>',
      "tokens from one sample's start to the next one's (default: the length)",
      wholeNumber('--stride', MOST_TOKENS),
    )
}
