/** CPU seconds of this process, worker threads and garbage collection included, by what they were spent on. */
export type CpuClock<Part extends string> = {
  /**
   * Does work, and counts its CPU time and how often it was done. What is counted under another name meanwhile isn't counted twice.
   * One thing at a time: what overlaps would be counted under one of its names.
   *
   * @param times that the work does it; 1 by default
   */
  of<T>(part: Part, work: () => T | Promise<T>, times?: number): Promise<T>
  /** Mean CPU seconds of a time; 0 for what was never done. */
  meanSeconds(part: Part): number
  reset(): void
}

export function openCpuClock<Part extends string>(): CpuClock<Part> {
  const spent = new Map<Part, { seconds: number; times: number }>()
  const open: Part[] = []
  let since = process.cpuUsage()
  const settle = () => {
    const { user, system } = process.cpuUsage(since)
    since = process.cpuUsage()
    const part = open.at(-1)
    if (part !== undefined) entryOf(part).seconds += (user + system) / 1e6
  }
  const entryOf = (part: Part) => {
    const entry = spent.get(part) ?? { seconds: 0, times: 0 }
    spent.set(part, entry)
    return entry
  }
  return {
    of: async (part, work, times = 1) => {
      settle()
      open.push(part)
      entryOf(part).times += times
      try {
        return await work()
      } finally {
        settle()
        open.pop()
      }
    },
    meanSeconds: (part) => {
      const entry = spent.get(part)
      return entry === undefined || entry.times === 0 ? 0 : entry.seconds / entry.times
    },
    reset: () => spent.clear(),
  }
}
