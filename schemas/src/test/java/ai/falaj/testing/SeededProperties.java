package ai.falaj.testing;

import java.lang.reflect.AnnotatedElement;
import java.util.Optional;
import net.jqwik.api.lifecycle.AroundPropertyHook;
import net.jqwik.api.lifecycle.PropagationMode;
import net.jqwik.api.lifecycle.PropertyExecutionResult;
import net.jqwik.api.lifecycle.PropertyExecutor;
import net.jqwik.api.lifecycle.PropertyLifecycleContext;

/**
 * Gives every property of jqwik the same seed in every build, so that a build says something about
 * the change it builds and not about the day. {@code -Dfalaj.properties.seed=42} tries other
 * examples, {@code -Dfalaj.properties.seed=random} new ones each time. Found by the service loader;
 * a seed in the annotation of a property goes before.
 */
public final class SeededProperties implements AroundPropertyHook {

  /** A number, or {@code random}. */
  static final String SEED_PROPERTY = "falaj.properties.seed";

  private static final String SEED_OF_BUILDS = "1";

  @Override
  public PropertyExecutionResult aroundProperty(
      PropertyLifecycleContext context, PropertyExecutor property) {
    String seed = System.getProperty(SEED_PROPERTY, SEED_OF_BUILDS);
    if (context.attributes().seed().isEmpty() && !seed.equals("random")) {
      context.attributes().setSeed(seed);
    }
    return property.execute();
  }

  @Override
  public boolean appliesTo(Optional<AnnotatedElement> element) {
    return true;
  }

  @Override
  public PropagationMode propagateTo() {
    return PropagationMode.ALL_DESCENDANTS;
  }
}
