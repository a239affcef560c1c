/** The most memory that this process was resident with. */
import { open, readFile } from 'node:fs/promises'

/** In bytes, since the process began or {@link resetPeak}. Linux lets a process inherit `maxRSS` from the one that started it. */
export async function peakBytes(): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '')
  const [, kibibytes = process.resourceUsage().maxRSS] = /^VmHWM:\s*(\d+) kB$/m.exec(status) ?? []
  return 1024 * Number(kibibytes)
}

/** Begins to count anew, where the system can: on Linux. */
export async function resetPeak(): Promise<void> {
  const file = await open('/proc/self/clear_refs', 'w').catch(() => undefined)
  await file?.write('5')
  await file?.close()
}
