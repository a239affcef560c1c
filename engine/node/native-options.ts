/** Where the native runtime computes. */
export const NATIVE_PROVIDERS = ['cpu', 'cuda', 'coreml', 'dml'] as const

export type NativeOptions = {
  provider: (typeof NATIVE_PROVIDERS)[number]
  /** Threads of one operator; 0 for one a core. */
  threads: number
}
