import type { Command } from 'commander'

/** What `--help` says of a verb. */
export interface VerbText {
  /** Name and arguments: `stake <amount>`. */
  usage: string
  summary: string
  /** What may surprise, in whole sentences. */
  details?: string
  /** Whole command lines that work. */
  examples: string[]
}

/** Adds a verb with its help to a parent command. */
export function addVerb(parent: Command, { usage, summary, details, examples }: VerbText): Command {
  const description = details === undefined ? summary : `${summary}\n\n${details}`
  return parent
    .command(usage)
    .summary(summary)
    .description(description)
    .addHelpText('after', exampleText(examples))
}

/** The verb of a parent that groups others: `assay task create`. */
export function group(
  parent: Command,
  { usage, summary, examples }: Pick<VerbText, 'usage' | 'summary' | 'examples'>,
): Command {
  return parent
    .command(usage)
    .summary(summary)
    .description(summary)
    .addHelpText('after', exampleText(examples))
}

function exampleText(examples: string[]): string {
  return `\nExample:\n${examples.map((example) => `  ${example}`).join('\n')}`
}
