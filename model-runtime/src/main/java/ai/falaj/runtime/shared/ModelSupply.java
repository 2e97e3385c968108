package ai.falaj.runtime.shared;

import ai.falaj.runtime.ModelRuntime;
import ai.falaj.runtime.RuntimeLoadException;

/** Where a {@link ReloadableRuntime} gets its models from. Called by one reload at a time. */
public interface ModelSupply {

  /**
   * Loads what is there now.
   *
   * @throws RuntimeLoadException with a message that names the remedy; also when interrupted
   */
  ModelRuntime open() throws RuntimeLoadException;

  /**
   * Refuses early what {@link #open} would refuse late, and says whether there is memory for it
   * beside the model that serves.
   *
   * @return whether both may be loaded at the same time
   * @throws RuntimeLoadException if what is there now cannot be loaded at all
   */
  boolean fitsBeside() throws RuntimeLoadException;
}
