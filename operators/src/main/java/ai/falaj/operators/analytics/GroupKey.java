package ai.falaj.operators.analytics;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a row is about. Its text keys the windows and ends the keys of the rows.
 *
 * @param tenant present where the grouping is by tenant, and so on
 */
record GroupKey(
    Grouping grouping, Optional<String> tenant, Optional<String> model, Optional<String> template) {

  GroupKey {
    Objects.requireNonNull(grouping, "grouping");
    if (tenant.isPresent() != grouping.byTenant()
        || model.isPresent() != grouping.byModel()
        || template.isPresent() != grouping.byTemplate()) {
      throw new IllegalArgumentException("names that " + grouping + " does not have");
    }
  }

  /** The group of that grouping that a cell belongs to. */
  static GroupKey of(Grouping grouping, Cell cell) {
    return new GroupKey(
        grouping,
        Optional.of(cell.tenant()).filter(name -> grouping.byTenant()),
        Optional.of(cell.model()).filter(name -> grouping.byModel()),
        Optional.of(cell.template()).filter(name -> grouping.byTemplate()));
  }

  /** Different for different groups, whatever their names. */
  String text() {
    StringBuilder text = new StringBuilder(grouping.name());
    for (Optional<String> name : List.of(tenant, model, template)) {
      name.ifPresent(value -> text.append(KeyText.SEPARATOR).append(KeyText.escape(value)));
    }
    return text.toString();
  }

  /** The group of a {@link #text()}. */
  static GroupKey parse(String text) {
    List<String> parts = KeyText.split(text);
    Grouping grouping = Grouping.valueOf(parts.get(0));
    List<String> names = new ArrayList<>(parts.subList(1, parts.size()));
    if (names.size() != grouping.names()) {
      throw new IllegalArgumentException(grouping + " with " + names.size() + " names");
    }
    return new GroupKey(
        grouping,
        grouping.byTenant() ? Optional.of(names.remove(0)) : Optional.empty(),
        grouping.byModel() ? Optional.of(names.remove(0)) : Optional.empty(),
        grouping.byTemplate() ? Optional.of(names.remove(0)) : Optional.empty());
  }
}
