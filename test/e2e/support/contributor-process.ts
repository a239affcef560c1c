import type { ContributorConfig } from '@assay/contributor/contributor-config.ts'
import { type DaemonProcess, startDaemonProcess } from './daemon-process.ts'

export type ContributorProcess = DaemonProcess

/** Starts a real contributor. @param crashAt label of the point at which it is to kill itself */
export function startContributor(config: ContributorConfig, crashAt?: string): ContributorProcess {
  return startDaemonProcess('contributor-child.ts', config, crashAt)
}
