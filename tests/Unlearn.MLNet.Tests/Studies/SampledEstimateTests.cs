using Unlearn.MLNet.Studies;
using Unlearn.MLNet.Tests.Strengths;
using Unlearn.MLNet.Tests.Trials;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Studies;

/// <summary>Estimates from samples of the rows, by a clock that training and unlearning alone put forward.</summary>
public sealed class SampledEstimateTests : IDisposable
{
    private const int Count = 240;
    private const double SecondsOfTrainingRow = 0.1;

    private static readonly EstimateLimits Sampling = new() { LongestBatches = 20, SmallestSample = 80 };

    private readonly TemporaryFolder _folder = new();
    private readonly ManualTime _time = new();
    private readonly List<(StudyProgress Step, double Seconds)> _progress = [];
    private readonly TrainingRows _rows = TinyStudy.Rows(Count);
    private readonly TrainingRows _testRows = TinyStudy.Rows(60, seed: 2);

    public void Dispose()
    {
        _rows.Dispose();
        _testRows.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Trials_are_extrapolated_from_two_samples_by_a_line_or_a_power()
    {
        IUnlearner[] unlearners =
        [
            Retraining("EU", rows => 2 + 0.1 * rows),
            Retraining("square", rows => 0.001 * rows * rows),
        ];
        var estimate = await EstimateAsync(unlearners, Sampling);
        Assert.Equal(80, estimate.SampledRows);
        Assert.True(estimate.IsCalibrated);
        Assert.Equal([2 + 0.1 * 168, 0.001 * 168 * 168], estimate.Unlearners.Select(of => of.SecondsPerBatch), Near);
        Assert.Equal([8, 8], estimate.Unlearners.Select(of => of.Batches));
        Assert.Equal(Count * SecondsOfTrainingRow, estimate.Seconds[StudyStage.Target], 1e-6);
        Assert.Equal(8 * (2 + 0.1 * 168 + 0.001 * 168 * 168), estimate.Seconds[StudyStage.Trials], 1e-6);
        Assert.Contains(Steps, step => step.Stage == StudyStage.Target && step.Detail.EndsWith("(sample of 20 rows)", StringComparison.Ordinal));
        Assert.Contains(Steps, step => step.Stage == StudyStage.Trials && step.Detail == "square (sample of 80 rows)");
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task Samples_tell_of_calibration_and_results_what_all_rows_do()
    {
        IUnlearner[] unlearners = [Retraining("EU", rows => 0.1 * rows), Dial(0.02)];
        var sampled = await EstimateAsync(unlearners, Sampling);
        var calibration = SecondsAt(StudyStage.Trials, "EU (sample of 80 rows)")
            - SecondsAt(StudyStage.Target, "training the target (sample of 80 rows)") - 80 * SecondsOfTrainingRow;
        Assert.True(calibration > 0);
        var whole = await EstimateAsync(unlearners, new() { LongestBatches = 1e9, LongestCalibration = 1e9 });
        Assert.Equal(80, sampled.SampledRows);
        Assert.Null(whole.SampledRows);
        Assert.True(sampled.IsCalibrated);
        Assert.Contains(Steps, step => step.Stage == StudyStage.Calibration && step.Detail.EndsWith("(sample of 80 rows)", StringComparison.Ordinal));
        // Which strengths are tried depends on the rows, so the calibration is compared with that of the sample.
        Assert.Equal(Count / 80 * calibration, sampled.Seconds[StudyStage.Calibration], 1e-6);
        Assert.Equal(whole.Seconds[StudyStage.Trials], sampled.Seconds[StudyStage.Trials], 1e-6);
        Assert.Equal(whole.Seconds[StudyStage.Target], sampled.Seconds[StudyStage.Target], 1e-6);
        Assert.InRange(sampled.LedgerBytes / (double)whole.LedgerBytes, 0.97, 1.03);
        Assert.True(sampled.EstimationSeconds < whole.EstimationSeconds);
    }

    [Fact]
    public async Task A_long_calibration_is_counted_even_on_a_sample()
    {
        IUnlearner[] unlearners = [Retraining("EU", rows => 0.1 * rows), Dial(0.02)];
        var sampled = await EstimateAsync(unlearners, Sampling with { LongestCalibration = 1 });
        var counted = await EstimateAsync(unlearners, new() { LongestBatches = 1e9, LongestCalibration = 1 });
        Assert.Equal(80, sampled.SampledRows);
        Assert.False(sampled.IsCalibrated);
        Assert.False(counted.IsCalibrated);
        Assert.DoesNotContain(Steps, step => step.Stage == StudyStage.Calibration);
        Assert.Equal(counted.Seconds[StudyStage.Calibration], sampled.Seconds[StudyStage.Calibration], 1e-6);
    }

    [Theory]
    [InlineData(60_000, 90, 0.3, 0, 0)] // quick enough
    [InlineData(60_000, 91, 0.3, 7400, 29_600)]
    [InlineData(60_000, 1350, 0.3, 500, 2000)]
    [InlineData(60_000, 1e6, 0.3, 250, 1000)] // never fewer
    [InlineData(60_000, 1e6, 0.001, 1000, 4000)] // a sample forgets at least one row
    [InlineData(1999, 1e6, 0.3, 0, 0)] // samples would be more than half
    public void Samples_are_as_large_as_their_time_allows(int rows, double seconds, double share, int small, int large) =>
        Assert.Equal(large == 0 ? null : (small, large), new EstimateLimits().Samples(rows, seconds, share));

    private IEnumerable<StudyProgress> Steps => _progress.Select(report => report.Step);

    private double SecondsAt(StudyStage stage, string detail) => _progress.First(report => report.Step.Stage == stage && report.Step.Detail == detail).Seconds;

    private double Seconds => TimeSpan.FromTicks(_time.GetTimestamp()).TotalSeconds;

    private static bool Near(double expected, double actual) => Math.Abs(expected - actual) < 1e-6;

    private Task<StudyEstimate> EstimateAsync(IUnlearner[] unlearners, EstimateLimits limits)
    {
        var options = TinyStudy.Options(_folder.Path, workers: 1) with
        {
            Recipe = new SlowRecipe(_time),
            Unlearners = [.. unlearners.Select(unlearner => new UnlearnerPlan { Unlearner = unlearner, Trials = 8, ForgetShare = 0.3 })],
            Calibration = new() { LargestCostShare = 1 },
        };
        return new StudyEstimator(options, _time, new(_time, () => TimeSpan.FromSeconds(Seconds)), limits).RunAsync(
            _rows, _testRows, withModels: false, new Recorder(this), TestContext.Current.CancellationToken);
    }

    private Retrainer Retraining(string name, Func<int, double> seconds) => new(name, _time, seconds);

    private Dial Dial(double secondsOfRow) => new("dial", (request, _) =>
    {
        _time.Advance(TimeSpan.FromSeconds(secondsOfRow * request.Rows.Count));
        return ((TorchTarget)request.Target).Clone();
    });

    private sealed class Recorder(SampledEstimateTests test) : IProgress<StudyProgress>
    {
        public void Report(StudyProgress value) => test._progress.Add((value, test.Seconds));
    }

    private sealed class SlowRecipe(ManualTime time) : ITrainingRecipe
    {
        public string Specification => "slow/1";

        public ITarget Train(
            TrainingRows rows, ReadOnlyMemory<int> positions, long seed, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
        {
            time.Advance(TimeSpan.FromSeconds(SecondsOfTrainingRow * positions.Length));
            return TinyStudy.Recipe.Train(rows, positions, seed, progress, cancellationToken);
        }
    }

    /// <summary>Retrains in seconds that are a function of the retained rows.</summary>
    private sealed class Retrainer(string name, ManualTime time, Func<int, double> seconds) : IUnlearner
    {
        public string Name => name;

        public string Specification => $"retrainer/1 {name}";

        public bool IsExact => true;

        public bool MakesRetrainPool => name == "EU";

        public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken)
        {
            time.Advance(TimeSpan.FromSeconds(seconds(request.Retained.Count)));
            return new(TinyStudy.Recipe.Train(request.Rows, request.Retained.ToArray(), request.Seed, cancellationToken: cancellationToken));
        }
    }
}
