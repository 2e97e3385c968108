package ai.falaj.runtime.llamacpp.ffi;

import com.sun.jna.Pointer;
import com.sun.jna.Structure;

/**
 * Structures of {@code llama.h}, release 0.5.0, field by field. C {@code bool} is one byte. {@link
 * LlamaLibrary} compares their sizes and some defaults with those of the loaded library.
 */
final class Structs {

  private Structs() {}

  /** {@code struct llama_model_params}, 80 bytes on 64-bit platforms. */
  @Structure.FieldOrder({
    "devices",
    "tensorBuftOverrides",
    "nGpuLayers",
    "splitMode",
    "loadMode",
    "lazyMode",
    "mainGpu",
    "tensorSplit",
    "progressCallback",
    "progressCallbackUserData",
    "kvOverrides",
    "vocabOnly",
    "checkTensors",
    "useExtraBufts",
    "noHost",
    "noAlloc",
    "loadMtp"
  })
  public static final class ModelParams extends Structure implements Structure.ByValue {
    public Pointer devices;
    public Pointer tensorBuftOverrides;
    public int nGpuLayers;
    public int splitMode;
    public int loadMode;
    public int lazyMode;
    public int mainGpu;
    public Pointer tensorSplit;
    public Pointer progressCallback;
    public Pointer progressCallbackUserData;
    public Pointer kvOverrides;
    public byte vocabOnly;
    public byte checkTensors;
    public byte useExtraBufts;
    public byte noHost;
    public byte noAlloc;
    public byte loadMtp;
  }

  /** {@code struct llama_context_params}, 160 bytes on 64-bit platforms. */
  @Structure.FieldOrder({
    "nCtx",
    "nBatch",
    "nUbatch",
    "nSeqMax",
    "nRsSeq",
    "nOutputsMax",
    "nOutputsMaxPerSeq",
    "nThreads",
    "nThreadsBatch",
    "ctxType",
    "ropeScalingType",
    "poolingType",
    "attentionType",
    "flashAttnType",
    "ropeFreqBase",
    "ropeFreqScale",
    "yarnExtFactor",
    "yarnAttnFactor",
    "yarnBetaFast",
    "yarnBetaSlow",
    "yarnOrigCtx",
    "defragThold",
    "cbEval",
    "cbEvalUserData",
    "typeK",
    "typeV",
    "abortCallback",
    "abortCallbackData",
    "embeddings",
    "offloadKqv",
    "noPerf",
    "opOffload",
    "swaFull",
    "kvUnified",
    "samplers",
    "nSamplers",
    "ctxOther"
  })
  public static final class ContextParams extends Structure implements Structure.ByValue {
    public int nCtx;
    public int nBatch;
    public int nUbatch;
    public int nSeqMax;
    public int nRsSeq;
    public int nOutputsMax;
    public int nOutputsMaxPerSeq;
    public int nThreads;
    public int nThreadsBatch;
    public int ctxType;
    public int ropeScalingType;
    public int poolingType;
    public int attentionType;
    public int flashAttnType;
    public float ropeFreqBase;
    public float ropeFreqScale;
    public float yarnExtFactor;
    public float yarnAttnFactor;
    public float yarnBetaFast;
    public float yarnBetaSlow;
    public int yarnOrigCtx;
    public float defragThold;
    public Pointer cbEval;
    public Pointer cbEvalUserData;
    public int typeK;
    public int typeV;
    public Pointer abortCallback;
    public Pointer abortCallbackData;
    public byte embeddings;
    public byte offloadKqv;
    public byte noPerf;
    public byte opOffload;
    public byte swaFull;
    public byte kvUnified;
    public Pointer samplers;
    public long nSamplers;
    public Pointer ctxOther;
  }

  /** {@code struct llama_batch}, 56 bytes on 64-bit platforms. */
  @Structure.FieldOrder({"nTokens", "token", "embd", "pos", "nSeqId", "seqId", "logits"})
  public static final class Batch extends Structure implements Structure.ByValue {
    public int nTokens;
    public Pointer token;
    public Pointer embd;
    public Pointer pos;
    public Pointer nSeqId;
    public Pointer seqId;
    public Pointer logits;
  }
}
