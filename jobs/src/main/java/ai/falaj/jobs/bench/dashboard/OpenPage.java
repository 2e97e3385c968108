package ai.falaj.jobs.bench.dashboard;

import ai.falaj.benchmarks.paced.Stamps;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the page of the running generations asks for, without a browser around it: how old each
 * chunk was when its event came. The client's threads write, any may ask.
 */
final class OpenPage implements Flow.Subscriber<String> {

  private static final String EVENTS =
      "api/events?events=overview,running,chunks,completion,deadLetter,workers,feed";

  /** Microseconds since the epoch, until the year 2286; figures in JSON have no space behind. */
  private static final Pattern STAMP = Pattern.compile("(\\d{16}) ");

  private final CompletableFuture<Void> open = new CompletableFuture<>();
  private List<Long> ages = new ArrayList<>();

  /** Opens one and returns at once. */
  static OpenPage open(HttpClient client, URI dashboard) {
    OpenPage page = new OpenPage();
    client
        .sendAsync(
            HttpRequest.newBuilder(dashboard.resolve(EVENTS)).build(),
            BodyHandlers.fromLineSubscriber(page))
        .whenComplete(page::ended);
    return page;
  }

  private void ended(HttpResponse<Void> response, Throwable failure) {
    open.completeExceptionally(
        failure == null ? new IllegalStateException("status " + response.statusCode()) : failure);
  }

  /** Completes with the first event. */
  CompletableFuture<Void> opened() {
    return open;
  }

  /** Microseconds from each chunk's text until it was here, since the last call. */
  synchronized List<Long> takeAges() {
    List<Long> taken = ages;
    ages = new ArrayList<>();
    return taken;
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    subscription.request(Long.MAX_VALUE);
  }

  @Override
  public synchronized void onNext(String line) {
    long nowMicros = Stamps.nowMicros();
    open.complete(null);
    Matcher stamps = STAMP.matcher(line);
    while (stamps.find()) {
      ages.add(nowMicros - Long.parseLong(stamps.group(1)));
    }
  }

  @Override
  public void onError(Throwable failure) {
    open.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    open.completeExceptionally(new IllegalStateException("the dashboard ended the stream"));
  }
}
