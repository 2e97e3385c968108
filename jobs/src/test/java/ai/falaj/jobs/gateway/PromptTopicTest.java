package ai.falaj.jobs.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import ai.falaj.jobs.web.WebException;
import java.time.Duration;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;

class PromptTopicTest {

  @Test
  void tellsWhatTheClientCanMendFromWhatPassesByItself() {
    WebException tooLarge = PromptTopic.explained(new RecordTooLargeException("2 MB"));
    WebException away = PromptTopic.explained(new TimeoutException("10000 ms have passed"));

    assertThat(tooLarge.status()).isEqualTo(413);
    assertThat(tooLarge.retryAfter()).as("asking again changes nothing").isEmpty();
    assertThat(away.status()).isEqualTo(503);
    assertThat(away.retryAfter()).hasValue(Duration.ofSeconds(5));
  }
}
