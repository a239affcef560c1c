/** Types of elements that a task's tensors may have, by the names that task.json uses. */
export const DTYPES = ['float32', 'int32', 'int64'] as const

export type Dtype = (typeof DTYPES)[number]

/** As ONNX numbers them. Its own table is not taken, because programs that read no graph would load all of ONNX. */
export const ELEMENT_TYPES: Readonly<Record<Dtype, number>> = { float32: 1, int32: 6, int64: 7 }
