package ai.falaj.runtime.llamacpp;

import ai.falaj.runtime.testing.GgufBuilder;
import ai.falaj.runtime.testing.TinyModels;

/** Rope scaling as a model's file states it. */
final class TestRope {

  private TestRope() {}

  static void yarnOfFactor4(GgufBuilder file) {
    file.text("qwen2.rope.scaling.type", "yarn")
        .float32("qwen2.rope.scaling.factor", 4)
        .uint32("qwen2.rope.scaling.original_context_length", TinyModels.CONTEXT_TOKENS);
  }
}
