using Unlearn.MLNet.GroundTruth;
using Unlearn.MLNet.Unlearners;
using Unlearn.Transforms;
using Unlearn.Transforms.Runtime;

namespace Unlearn.Examples.ErasureRequests;

/// <summary>
/// Measures what models remember of requested rows, against models that were retrained for this alone: no policy but the oracle sees them. The stream is cut
/// into stages. Models of a stage lack the rows of all requests up to its end, so they lack about as many rows as the judged model does.
/// </summary>
internal sealed class Judge
{
    private const int StageCount = 4;
    private const double ToleranceQuantile = 0.95;

    private readonly int _stageLength;
    private readonly Dictionary<int, (double Mean, double Deviation)>[] _normals = new Dictionary<int, (double, double)>[StageCount];
    private readonly TrainingRows _rows;

    /// <summary>Retrains the judging models.</summary>
    /// <param name="world">Rows and stream.</param>
    /// <param name="models">Models of a stage, at least 3.</param>
    /// <param name="stack">Models that are trained at once.</param>
    /// <param name="workers">Stages that are trained at once, a core each.</param>
    /// <param name="seed">Root seed.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    public Judge(ErasureWorld world, int models, int stack, int workers, long seed, CancellationToken cancellationToken)
    {
        _rows = world.Rows;
        _stageLength = (world.Stream.Count + StageCount - 1) / StageCount;
        var recipe = world.Recipe with { Stack = stack };
        var own = new List<double>[StageCount];
        var start = Timed.Now;
        TorchThreads.RunAll("Judge", StageCount, workers, stage => own[stage] = Train(stage), cancellationToken);
        SecondsPerModel = (Timed.Now - start) / (StageCount * models);
        double[] memories = [.. own.SelectMany(of => of).Order()];
        Tolerance = memories[(int)(ToleranceQuantile * (memories.Length - 1))];

        List<double> Train(int stage)
        {
            var end = Math.Min((stage + 1) * _stageLength, world.Stream.Count) - 1;
            var retained = world.RetainedAt(end);
            int[] requested = [.. world.Stream.Take(end + 1).SelectMany(request => request.Rows).Order()];
            var targets = recipe.TrainMany(world.Rows,
                [.. Enumerable.Range(0, models).Select(i => new TrainingSpec { Positions = retained, Seed = Seed.Derive(seed, "judge", stage, i) })],
                cancellationToken);
            var statistics = new RowStatistics(requested.Length);
            List<float[]> answers = [];
            foreach (var target in targets)
            {
                using (target)
                    answers.Add(ModelAnswers.Of(target, world.Rows, requested, cancellationToken).LogitConfidences);
                for (var i = 0; i < requested.Length; i++)
                    statistics.Add(i, answers[^1][i]);
            }
            var variance = statistics.MeanVariance();
            _normals[stage] = Enumerable.Range(0, requested.Length).ToDictionary(i => requested[i],
                i => RetrainPool.Normal((statistics.Count(i), statistics.Mean(i), statistics.Variance(i)), variance));
            return [.. answers.SelectMany(of => of.Select((answer, i) => OutcomeFormulas.ResidualMemory(
                answer, RetrainPool.Normal(statistics.Without(i, answer), variance))))];
        }
    }

    /// <summary>95 % quantile of the judging models' own residual memory, each against the others.</summary>
    public double Tolerance { get; }

    /// <summary>Processor seconds of one judging model, trained in a stack.</summary>
    public double SecondsPerModel { get; }

    /// <summary>(ψ − μ_R) / σ_R of requested rows in a model: above 0 it is residual memory, below 0 more was erased than retraining erases.</summary>
    /// <param name="model">The model.</param>
    /// <param name="rows">Positions of rows that were requested by the time, ascending.</param>
    /// <param name="time">The time, in requests.</param>
    public double[] Deviations(ITarget model, int[] rows, int time)
    {
        var normals = _normals[Math.Min(time / _stageLength, StageCount - 1)];
        var answers = ModelAnswers.Of(model, _rows, rows).LogitConfidences;
        return [.. rows.Select((row, i) => (answers[i] - normals[row].Mean) / normals[row].Deviation)];
    }

    /// <summary>Residual memory of requested rows in a model.</summary>
    public double[] Memory(ITarget model, int[] rows, int time) => [.. Deviations(model, rows, time).Select(deviation => Math.Max(0, deviation))];
}
