using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.MLNet;
using Unlearn.MLNet.Tests;
using Xunit;

namespace Unlearn.Hosting.Tests;

public sealed class LabelingServiceTests : IDisposable
{
    private const int Rows = 80;

    private readonly TemporaryFolder _folder = new();
    private readonly RecordingLoggerProvider _log = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_second_host_finishes_what_the_first_one_began_with_the_same_labels_and_no_trial_twice()
    {
        var undisturbed = new Counting(blocksAt: int.MaxValue);
        var expected = await LabelAsync(undisturbed, "undisturbed.db");
        Assert.Equal(undisturbed.Calls, Trials("undisturbed.db"));

        var stopped = new Counting(blocksAt: 6);
        using (var first = Host(stopped, "trials.db"))
        {
            await first.StartAsync(Cancellation);
            await stopped.Blocked.Task.WaitAsync(TimeSpan.FromMinutes(2), Cancellation);
            await first.StopAsync(Cancellation);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Service(first).LabelsAsync(Cancellation));
        }
        var kept = Trials("trials.db");
        Assert.InRange(kept, 1, undisturbed.Calls - 1);

        var resumed = new Counting(blocksAt: int.MaxValue);
        var labels = await LabelAsync(resumed, "trials.db");
        Assert.Equal(undisturbed.Calls - kept, resumed.Calls);
        Assert.Equal(Rows, labels.GetRowCount());
        foreach (var column in new[] { "HardnessScore", "HardnessScoreError", "EU.MembershipResistance" })
            Assert.Equal(expected.GetColumn<float>(column), labels.GetColumn<float>(column));
        Assert.Equal(expected.GetColumn<bool>("Hard"), labels.GetColumn<bool>("Hard"));
    }

    [Fact]
    public async Task A_labeling_is_healthy_and_logged_and_one_that_cannot_be_done_is_neither()
    {
        using (var host = Host(new(int.MaxValue), "good.db"))
        {
            await host.StartAsync(Cancellation);
            await Service(host).LabelsAsync(Cancellation);
            var health = await HealthAsync(host);
            Assert.Equal(HealthStatus.Healthy, health.Status);
            Assert.Contains("Stopped after", health.Description, StringComparison.Ordinal);
            await host.StopAsync(Cancellation);
        }
        Assert.Contains(_log.Lines, line => line.Text.StartsWith("Labeled 80 rows. ", StringComparison.Ordinal));

        using var few = Host(new(int.MaxValue), "few.db", ("MaximumTrials", "3"));
        await few.StartAsync(Cancellation);
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => Service(few).LabelsAsync(Cancellation));
        Assert.Contains("more than the 3 allowed", refused.Message, StringComparison.Ordinal);
        Assert.Equal((HealthStatus.Unhealthy, refused.Message), await HealthAsync(few) is var unhealthy ? (unhealthy.Status, unhealthy.Description) : default);
        await few.StopAsync(Cancellation);
        Assert.Contains(_log.Lines, line => line.Level == LogLevel.Error && line.Text.StartsWith("The rows cannot be labeled.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_ledger_that_cannot_be_used_is_tried_again()
    {
        await File.WriteAllTextAsync(_folder.File("broken.db"), new string('x', 5000), Cancellation);
        using var host = Host(new(int.MaxValue), "broken.db", ("Interval", "00:00:00.05"));
        await host.StartAsync(Cancellation);
        while (Service(host).Failure is null)
            await Task.Delay(10, Cancellation);
        Assert.IsType<TrialLedgerException>(Service(host).Failure);
        while (true)
            try
            {
                File.Delete(_folder.File("broken.db"));
                break;
            }
            catch (IOException)
            {
                await Task.Delay(10, Cancellation);
            }
        Assert.Equal(Rows, (await Service(host).LabelsAsync(Cancellation)).GetRowCount());
        Assert.Null(Service(host).Failure);
        await host.StopAsync(Cancellation);
    }

    [Theory]
    [InlineData("LedgerPath", "", "LedgerPath is empty: name the file")]
    [InlineData("LedgerPath", "no-such-folder/trials.db", "LedgerPath is 'no-such-folder/trials.db', whose folder does not exist")]
    [InlineData("CeilingGoal", "0.5", "CeilingGoal is 0.5: set it above 0.5")]
    [InlineData("MaximumTrials", "0", "MaximumTrials is 0: set it to 1")]
    [InlineData("MaximumTime", "00:00:00", "MaximumTime is 00:00:00: set it above 0")]
    [InlineData("Workers", "0", "Workers is 0: set it to 1")]
    [InlineData("Interval", "2.00:00:00", "Interval is 2.00:00:00: set it above 0 and to at most a day")]
    public async Task A_wrong_setting_stops_the_start_and_is_named(string name, string value, string message)
    {
        using var host = Host(new(int.MaxValue), "trials.db", (name, value));
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Cancellation));
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_configured_wins_over_code()
    {
        var code = TinyStudy.LabelingOptions;
        var kept = new LabelingServiceOptions { LedgerPath = "a.db" }.Apply(code);
        Assert.Equal(code with { LedgerPath = "a.db" }, kept);
        var all = new LabelingServiceOptions
        {
            LedgerPath = "b.db", CeilingGoal = 0.8, MaximumTrials = 7, MaximumTime = TimeSpan.FromHours(1), Workers = 3,
        }.Apply(code);
        Assert.Equal(("b.db", 0.8, 7, TimeSpan.FromHours(1), 3), (all.LedgerPath, all.CeilingGoal, all.MaximumTrials, all.MaximumTime, all.Workers));
    }

    private async Task<IDataView> LabelAsync(Counting unlearner, string ledger)
    {
        using var host = Host(unlearner, ledger);
        await host.StartAsync(Cancellation);
        var labels = await Service(host).LabelsAsync(Cancellation);
        await host.StopAsync(Cancellation);
        return labels;
    }

    private static LabelingService Service(IHost host) => host.Services.GetRequiredService<LabelingService>();

    private static async Task<HealthReportEntry> HealthAsync(IHost host) =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancellation)).Entries["labeling"];

    private long Trials(string ledger)
    {
        using var connection = new SqliteConnection($"Data Source={_folder.File(ledger)};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM trial";
        return (long)command.ExecuteScalar()!;
    }

    private IHost Host(Counting unlearner, string ledger, params (string Name, string Value)[] settings)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        foreach (var (name, value) in settings.Prepend(("LedgerPath", _folder.File(ledger))))
            builder.Configuration[$"Labeling:{name}"] = value;
        builder.Services.AddLogging(logging => logging.AddProvider(_log));
        builder.Services.AddSingleton(unlearner);
        builder.Services.AddUnlearnLabeling<Data>(builder.Configuration.GetSection("Labeling"));
        builder.Services.AddHealthChecks().AddCheck<LabelingHealthCheck>("labeling");
        return builder.Build();
    }

    private sealed class Data(Counting unlearner) : ILabelingData
    {
        public IDataView LoadRows(MLContext mlContext) => TinyStudy.View(mlContext, Rows);

        public HardnessLabelingOptions CreateOptions(MLContext mlContext) => TinyStudy.LabelingOptions with { Unlearners = [unlearner] };
    }

    /// <summary>Exact retraining that counts, and at one of its calls waits until it is stopped.</summary>
    private sealed class Counting(int blocksAt) : IUnlearner
    {
        private readonly ExactRetraining _retraining = new();
        private int _calls;

        public int Calls => _calls;

        public TaskCompletionSource Blocked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Name => "EU";

        public string Specification => "counted-retraining/1";

        public bool IsExact => true;

        public bool MakesRetrainPool => true;

        public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken)
        {
            if (Interlocked.Increment(ref _calls) >= blocksAt)
            {
                Blocked.TrySetResult();
                cancellationToken.WaitHandle.WaitOne();
                cancellationToken.ThrowIfCancellationRequested();
            }
            return _retraining.Unlearn(request, cancellationToken);
        }
    }
}
