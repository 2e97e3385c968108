package ai.falaj.runtime.models;

/** One file of the catalogue, as {@code name} or {@code name:quantization} names it. */
public record ModelReference(CatalogueModel model, CatalogueFile file) {

  /** Such as {@code k2-think:Q4_K_M}. */
  public String id() {
    return model.name() + ":" + file.quantization();
  }

  @Override
  public String toString() {
    return id();
  }
}
