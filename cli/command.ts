import type { Command } from 'commander'

/** What `--help` says of a verb. */
export interface VerbText {
  /** Name and arguments: `stake <amount>`. */
  usage: string
  summary: string
  /** What may surprise, in sentences. */
  details?: string
  /** Whole command lines that work. */
  examples: string[]
}

/** Adds a verb with its help to a parent command. */
export function addVerb(parent: Command, { usage, summary, details, examples }: VerbText): Command {
  const lines = examples.map((example) => `  ${example}`).join('\n')
  return parent
    .command(usage)
    .summary(summary)
    .description(details === undefined ? summary : `${summary}\n\n${details}`)
    .addHelpText('after', `\nExample:\n${lines}`)
}

/** The verb of a parent that groups others: `assay task create`. */
export function group(parent: Command, name: string, summary: string): Command {
  return parent.command(name).summary(summary).description(summary)
}
