/** One of the demo's processes, as `ps` shows it. */
export type ProcessLine = {
  /** As the demo calls it, such as `validator-01` or `anvil`. */
  name: string
  residentKb: number
  /** Whole seconds. */
  processorSeconds: number
}

/**
 * Reads what `ps -A -o pid=,ppid=,rss=,time=,args=` printed.
 *
 * @param parent process whose children are wanted
 */
export function readProcesses(text: string, parent: number): ProcessLine[] {
  return text.split('\n').flatMap((line) => {
    const [, ppid, rss, time, ...args] = line.trim().split(/\s+/)
    const name = nameOf(args)
    if (Number(ppid) !== parent || name === undefined) return []
    return [{ name, residentKb: Number(rss), processorSeconds: secondsOf(time!) }]
  })
}

/** A participant is started with its name, the chain and the store with their programs. */
function nameOf(args: readonly string[]): string | undefined {
  const participant = args.findIndex((arg) => arg.endsWith('participant.ts'))
  if (participant >= 0) return args[participant + 1]
  if (args[0]?.endsWith('anvil')) return 'anvil'
  return args.includes('store') ? 'store' : undefined
}

/** `[days-][hours:]minutes:seconds`, with or without a fraction. */
function secondsOf(time: string): number {
  const [days, clock] = time.includes('-') ? time.split('-') : ['0', time]
  return clock!.split(':').reduce((sum, part) => 60 * sum + Number(part), 0) + 86_400 * Number(days)
}
