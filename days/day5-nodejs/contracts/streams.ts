export interface MapOptions {
  /** `true` (the default): results in the order of the source. `false`: as they finish. */
  ordered?: boolean;
}
