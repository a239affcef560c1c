/**
 * Room at which a test can kill a daemon with SIGKILL, to show that it loses nothing and posts nothing twice.
 * They do nothing unless the environment variable `ASSAY_CRASH_AT` names one of them.
 */
export type CrashLabel =
  | 'before-row'
  | 'after-row'
  | 'after-signing'
  | 'after-sending'
  | 'after-receipt'
  | 'during-blob-write'

/** Whether `ASSAY_CRASH_AT` names this place, for any duty. A writer splits its write in two only in that case. */
export function crashPointArmed(label: CrashLabel): boolean {
  return process.env.ASSAY_CRASH_AT?.split(':')[0] === label
}

/**
 * Kills this process with SIGKILL if `ASSAY_CRASH_AT` is `label`, or `label:duty` with this duty.
 *
 * @param duty the current duty's name; a crash point without one fires whatever duty `ASSAY_CRASH_AT` names
 */
export function crashPoint(label: CrashLabel, duty?: string): void {
  if (!crashPointArmed(label)) return
  const wantedDuty = process.env.ASSAY_CRASH_AT?.slice(label.length + 1)
  if (wantedDuty && duty !== undefined && wantedDuty !== duty) return

  process.kill(process.pid, 'SIGKILL')
}
