using TorchSharp;
using Unlearn.MLNet.Measuring;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Calibration;
using Unlearn.MLNet.Trials.Running;
using Unlearn.MLNet.Unlearners;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Measuring;

/// <summary>What a trial measures, against the same worked out slowly from the models.</summary>
public sealed class TrialMeasurementTests : IDisposable
{
    private static readonly int[] Forget = [7, 3, 40];

    private readonly TrainingRows _rows = TinyStudy.Rows(90);
    private readonly TrainingRows _testRows = TinyStudy.Rows(30, seed: 2);
    private readonly TorchTarget _target;
    private readonly TrialSubject _subject;
    private readonly TrialSpec _spec;

    public TrialMeasurementTests()
    {
        _target = TinyStudy.Recipe.Train(_rows, Enumerable.Range(0, _rows.Count).ToArray(), seed: 5);
        _subject = new(_target, TinyStudy.Recipe, _rows, _testRows, TimeProvider.System);
        _spec = Spec("FT");
    }

    public void Dispose()
    {
        _target.Dispose();
        _rows.Dispose();
        _testRows.Dispose();
    }

    [Fact]
    public void PredictionsAccuraciesAndParametersAreComparedWithTheTarget()
    {
        var unlearner = new FineTuning { Epochs = 3, RelativeLearningRate = 5 };
        using var unlearned = unlearner.Unlearn(new(_target, TinyStudy.Recipe, _rows, Forget, _spec.Seed), default);
        var result = _subject.Run(unlearner, _spec, default);
        var retained = Enumerable.Range(0, _rows.Count).Except(Forget).ToArray();
        var (before, after) = (Predictions(_target, _rows), Predictions(unlearned.Model, _rows));

        Assert.True(result.ChangedPredictions > 0);
        Assert.Equal(retained.Count(row => before[row] != after[row]) / 87.0, result.ChangedPredictions!.Value, 1e-12);
        Assert.Equal(retained.Count(row => before[row] == _rows.LabelAt(row)) / 87.0, result.RetainedAccuracyBefore!.Value, 1e-12);
        Assert.Equal(retained.Count(row => after[row] == _rows.LabelAt(row)) / 87.0, result.RetainedAccuracy, 1e-12);
        Assert.Equal(Accuracy(_target), result.TestAccuracyBefore);
        Assert.Equal(Accuracy(_target), _subject.TargetTestAccuracy);
        Assert.Equal(Accuracy(unlearned.Model), result.TestAccuracy);

        using var scope = torch.NewDisposeScope();
        var (original, moved) = (Flat(_target), Flat((TorchTarget)unlearned.Model));
        Assert.Equal((moved - original).norm().item<float>() / original.norm().item<float>(), result.ParameterShift!.Value, 1e-5);
        Assert.InRange(result.CpuSeconds!.Value, 1e-6, 60);
        Assert.Null(result.AllLogitConfidences);
    }

    [Fact]
    public void NeighborsAreTheNearestRetainedRowsInTheTargetsRepresentation()
    {
        var unlearner = new FineTuning { Epochs = 3, RelativeLearningRate = 5 };
        using var unlearned = unlearner.Unlearn(new(_target, TinyStudy.Recipe, _rows, Forget, _spec.Seed), default);
        var result = _subject.Run(unlearner, _spec, default);
        var (before, after) = (Predictions(_target, _rows), Predictions(unlearned.Model, _rows));
        using var embeddings = _target.Embed(_rows.Features);
        var width = (int)embeddings.shape[1];
        var points = embeddings.data<float>().ToArray().Chunk(width).ToArray();
        for (var i = 0; i < Forget.Length; i++)
        {
            int[] neighbors = [.. Enumerable.Range(0, _rows.Count)
                .Where(row => row != Forget[i])
                .OrderByDescending(row => Cosine(points[row], points[Forget[i]]))
                .Take(20)
                .Except(Forget)];
            Assert.Equal(neighbors.Count(row => before[row] != after[row]) / (double)neighbors.Length, result.Outcomes[i].ChangedNeighbors!.Value, 1e-12);
        }
    }

    [Fact]
    public void StepsAreThoseOfTheUnlearnerAndWatchingChangesNothing()
    {
        List<double[]> seen = [];
        var unlearner = new GradientAscent { Epochs = 11 };
        using var unlearned = unlearner.Unlearn(new(_target, TinyStudy.Recipe, _rows, Forget, _spec.Seed)
        {
            AfterStep = (step, confidences) => seen.Add([.. Forget.Select(row => confidences()[Forget.Count(other => other < row)])]),
        }, default);
        var result = _subject.Run(unlearner, Spec("GA"), default);
        var trace = result.Steps!;
        Assert.Equal(11, trace.Count);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 10], trace.MeasuredSteps);
        for (var i = 0; i < trace.MeasuredSteps.Count; i++)
            for (var row = 0; row < Forget.Length; row++)
                Assert.Equal(seen[trace.MeasuredSteps[i] - 1][row], trace.Confidences[i * Forget.Length + row], 1e-6);
        Assert.All(result.Outcomes.Zip(Forget), pair => Assert.Equal(Confidence(unlearned.Model, pair.Second), pair.First.ConfidenceAfter, 1e-6));
    }

    [Fact]
    public void RetrainingKeepsTheLogitsOfAllRows()
    {
        var result = _subject.Run(new ExactRetraining(), Spec("EU"), default);
        Assert.Equal(_rows.Count, result.AllLogitConfidences!.Count);
        Assert.Null(result.Steps);
        foreach (var (outcome, row) in result.Outcomes.Zip(Forget))
        {
            Assert.Equal(result.AllLogitConfidences[row], outcome.LogitConfidenceAfter);
            Assert.Equal(Math.Log(outcome.ConfidenceAfter / (1 - outcome.ConfidenceAfter)), outcome.LogitConfidenceAfter!.Value, 1e-3);
        }
    }

    // Each row by the first ensembles: its own shard's model minus the mean of the others, whether the trial forgets the row or not.
    [Fact]
    public void A_sharded_unlearner_tells_of_every_row_what_its_own_shard_remembers()
    {
        var sisa = new Sisa { Shards = 3, Slices = 1 };
        using var unlearned = sisa.Unlearn(new(_target, TinyStudy.Recipe, _rows, Forget, _spec.Seed), default);
        var result = _subject.Run(sisa, Spec("SISA"), default);
        var members = ((EnsembleTarget)unlearned.Original!).Members;
        Assert.Equal([0, 1, 2], unlearned.ShardOfRow!.Distinct().Order());
        Assert.Equal(_rows.Count, result.ShardDisplacements!.Count);
        for (var row = 0; row < _rows.Count; row++)
        {
            double[] confidences = [.. members.Select(member => Confidence(member, row))];
            var own = unlearned.ShardOfRow![row];
            Assert.Equal(confidences[own] - confidences.Where((_, shard) => shard != own).Average(), result.ShardDisplacements[row], 1e-5);
        }
        Assert.Null(_subject.Run(new Sisa { Shards = 1, Slices = 2 }, Spec("SISA"), default).ShardDisplacements);
        Assert.Null(_subject.Run(new ExactRetraining(), Spec("EU"), default).ShardDisplacements);
    }

    // A model trained without a row stands out less on it than the one trained with it: the shard that saw the row is the own one.
    [Fact]
    public void The_own_shard_is_the_one_that_saw_the_row()
    {
        using var unlearned = new Sisa { Shards = 2, Slices = 1 }.Unlearn(new(_target, TinyStudy.Recipe, _rows, Forget, _spec.Seed), default);
        var members = ((EnsembleTarget)unlearned.Original!).Members;
        int[][] shards =
        [
            .. Enumerable.Range(0, 2).Select(shard => Enumerable.Range(0, _rows.Count).Where(row => unlearned.ShardOfRow![row] == shard).ToArray()),
        ];
        using var retrained = TinyStudy.Recipe.Train(_rows, shards[1], _spec.Seed + 1);
        Assert.All(Enumerable.Range(0, _rows.Count), row => Assert.Equal(Confidence(retrained, row), Confidence(members[1], row), 1e-4));
    }

    [Fact]
    public void MeasuringTheTargetIsStopped()
    {
        var stop = new CancellationToken(canceled: true);
        Assert.Throws<OperationCanceledException>(() => NearestRows.Find(_target, _rows, stop));
        Assert.Throws<OperationCanceledException>(() => ModelAnswers.Of(_target, _rows, cancellationToken: stop));
        Assert.Throws<OperationCanceledException>(() => new TrialSubject(_target, TinyStudy.Recipe, _rows, _testRows, TimeProvider.System, stop));
        Assert.Throws<OperationCanceledException>(() => new CalibrationSubject(_target, TinyStudy.Recipe, _rows, _testRows, TimeProvider.System, stop));
    }

    [Fact]
    public void TheTimeOfPreparingIsToldApart()
    {
        var clock = new SteppedClock();
        var subject = new TrialSubject(_target, TinyStudy.Recipe, _rows, _testRows, clock);
        var result = subject.Run(new Preparing(clock), Spec("SISA"), default);
        Assert.Equal((1, 10), (result.Seconds, result.PreparationSeconds));
        var spec = Spec("SISA");
        var ofBatch = subject.RunMany(new Preparing(clock), [spec, new(spec.Unlearner, spec.Context, spec.Half, 1, spec.ForgetIds, 10)], size: 2, default);
        Assert.All(ofBatch, attempt => Assert.Equal((0.5, 5), (attempt.Result!.Seconds, attempt.Result.PreparationSeconds)));
        Assert.True(_subject.Run(new Sisa { Shards = 2, Slices = 1 }, Spec("SISA"), default).PreparationSeconds > 0);
        Assert.Null(_subject.Run(new FineTuning(), Spec("FT"), default).PreparationSeconds);
    }

    private sealed class SteppedClock : TimeProvider
    {
        public long Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }

    /// <summary>Prepares for 10 seconds and unlearns for one.</summary>
    private sealed class Preparing(SteppedClock clock) : IBatchUnlearner
    {
        public string Name => "SISA";

        public string Specification => "preparing/1";

        public bool IsExact => true;

        public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken)
        {
            clock.Seconds += 10;
            request.AfterPreparation?.Invoke();
            clock.Seconds++;
            return new(request.Target.Clone());
        }

        public int BatchSize(ITarget target, ITrainingRecipe recipe) => 2;

        public UnlearnedBatch UnlearnMany(IReadOnlyList<UnlearningRequest> requests, CancellationToken cancellationToken)
        {
            clock.Seconds += 10;
            foreach (var request in requests)
                request.AfterPreparation?.Invoke();
            clock.Seconds++;
            return new(requests.Count, index => new(requests[index].Target.Clone()), () => { });
        }
    }

    [Fact]
    public void AnEnsembleIsComparedWithTheEnsembleBefore()
    {
        var result = _subject.Run(new Sisa { Shards = 2, Slices = 1 }, Spec("SISA"), default);
        Assert.True(result.ParameterShift > 0);
        Assert.NotEqual(_subject.TargetConfidences[Forget[0]], result.Outcomes[0].ConfidenceBefore);
    }

    [Fact]
    public void ATrialOfFewRowsIsMeasuredOnASampleAndOnItsNeighbors()
    {
        using var rows = TinyStudy.Rows(700);
        using var target = TinyStudy.Recipe.Train(rows, Enumerable.Range(0, rows.Count).ToArray(), seed: 5);
        var unlearner = new FineTuning { Epochs = 1, RelativeLearningRate = 5 };
        var spec = new TrialSpec("FT", "c", 0, 0, [rows.Ids[1]], 9);
        var result = new TrialSubject(target, TinyStudy.Recipe, rows, null, TimeProvider.System).Run(unlearner, spec, default);
        using var unlearned = unlearner.Unlearn(new(target, TinyStudy.Recipe, rows, [1], 9), default);
        var (before, after) = (Predictions(target, rows), Predictions(unlearned.Model, rows));
        int[] sample = [.. Enumerable.Range(0, 256).Select(i => i * 700 / 256).Where(row => row != 1)];
        Assert.Equal(sample.Count(row => before[row] != after[row]) / (double)sample.Length, result.ChangedPredictions!.Value, 1e-12);
        Assert.Equal(sample.Count(row => after[row] == rows.LabelAt(row)) / (double)sample.Length, result.RetainedAccuracy, 1e-12);
        Assert.NotNull(result.Outcomes[0].ChangedNeighbors);
    }

    private TrialSpec Spec(string unlearner) => new(unlearner, "context", 0, 0, [.. Forget.Select(row => _rows.Ids[row])], 9);

    private double Confidence(ITarget model, int row)
    {
        using var scope = torch.NewDisposeScope();
        return torch.nn.functional.softmax(model.Logits(_rows.Features[row..(row + 1)]).to(torch.float64), 1)[0, _rows.LabelAt(row)].item<double>();
    }

    private static long[] Predictions(ITarget model, TrainingRows rows)
    {
        using var scope = torch.NewDisposeScope();
        return model.Logits(rows.Features).argmax(1).data<long>().ToArray();
    }

    private static torch.Tensor Flat(TorchTarget target) => torch.cat([.. target.Module.parameters().Select(parameter => parameter.detach().reshape(-1))]);

    private double Accuracy(ITarget model) =>
        Predictions(model, _testRows).Where((predicted, row) => predicted == _testRows.LabelAt(row)).Count() / (double)_testRows.Count;

    private static double Cosine(float[] a, float[] b) =>
        a.Zip(b, (x, y) => (double)x * y).Sum() / Math.Sqrt(a.Sum(x => (double)x * x) * b.Sum(y => (double)y * y));
}
