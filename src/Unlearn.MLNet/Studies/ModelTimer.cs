using Unlearn.MLNet.Hardness.Evaluation;
using Unlearn.Transforms;

namespace Unlearn.MLNet.Studies;

/// <summary>Times factors and hardness models of a study: factors on two samples of rows, models on noise.</summary>
/// <param name="options">Options of the study.</param>
/// <param name="time">Source of the time.</param>
/// <param name="progress">Gets a report before every step; may be <see langword="null"/>.</param>
internal sealed class ModelTimer(StudyOptions options, TimeProvider time, IProgress<StudyProgress>? progress)
{
    private const int SampleShare = 4;
    private const int SmallestSample = 1000;
    private const int LargestSample = 4000;
    private const int RowsForModels = 500;

    /// <summary>Times both, and extrapolates them to all rows.</summary>
    /// <param name="rows">The rows of the study.</param>
    /// <param name="target">Its target.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    /// <returns>Seconds of the factors, without reference models, and of the hardness models.</returns>
    public (double Factors, double Hardness) Time(TrainingRows rows, ITarget target, CancellationToken cancellationToken)
    {
        var sizes = Samples(rows.Count);
        Report(StudyStage.Factors, Invariant($"samples of {sizes.Small:N0} and {sizes.Large:N0} rows"));
        // Factors of reference models are counted by their trainings.
        var factorOptions = options with
        {
            ReferenceModels = 0,
            Factors = options.Factors?.Where(factor => factor.Tier != FactorTier.T3).ToList() is [_, ..] few ? few : null,
        };
        using var small = EstimateLimits.Sample(rows, sizes.Small);
        using var large = EstimateLimits.Sample(rows, sizes.Large);
        var (first, _) = Time(() => Compute(small));
        var (smallSeconds, _) = Time(() => Compute(small));
        var (largeSeconds, _) = Time(() => Compute(large));
        var factors = new SampledSeconds(sizes.Small, smallSeconds, sizes.Large, largeSeconds, Math.Max(0, first - smallSeconds));

        var (smallSearch, _) = Time(() => NearDuplicateGroups.Of(small, target, cancellationToken: cancellationToken));
        var (largeSearch, _) = Time(() => NearDuplicateGroups.Of(large, target, cancellationToken: cancellationToken));
        var search = new SampledSeconds(sizes.Small, smallSearch, sizes.Large, largeSearch, 0);
        Report(StudyStage.Hardness, "models of noise");
        return (factors.At(rows.Count), search.At(rows.Count) + TimeHardness(target, rows.Count, cancellationToken));

        IReadOnlyList<FactorColumn> Compute(TrainingRows sample) => new StudyFactors(factorOptions, progress: null).Compute(target, sample, cancellationToken);
    }

    // Everything on few rows, and how it grows with the rows by the models of all factors. Factors and scores are noise, which costs the same.
    private double TimeHardness(ITarget target, int rows, CancellationToken cancellationToken)
    {
        var factors = StudyFactors.Of(options, target);
        var hardness = options.Hardness with { Workers = options.Workers };
        var few = Columns(Math.Min(rows, RowsForModels));
        var compiling = Models(few);
        var ofFew = Models(few);
        var growth = few[0].Values.Count == rows ? 1 : Models(Columns(rows)) / Math.Max(1e-9, ofFew);
        var (exact, _) = Time(() => HardnessEvaluator.Compare(
            few, [Noise(few[0].Values.Count)], Groups(few), hardness, options.Seed, classes: null, cancellationToken));
        // Families of factors are tried for exact unlearners, if there is one.
        var subsets = FactorSubset.Of(few);
        var withoutFamilies = options.Hardness.Subsets ? subsets.Count(subset => !subset.IsOfFamily) / (double)subsets.Count : 1;
        var exactUnlearners = options.Unlearners.Count(plan => plan.Unlearner.IsExact);
        var approximate = exact * (exactUnlearners > 0 ? withoutFamilies : 1) + OtherScores.Count * ofFew;
        var onOthersLabels = options.Unlearners.Count > 1 ? options.Unlearners.Count * ofFew : 0;
        return Math.Max(0, compiling - ofFew)
            + growth * (exactUnlearners * exact + (options.Unlearners.Count - exactUnlearners) * approximate + onOthersLabels);

        double Models(FactorColumn[] columns) => Time(() => HardnessEvaluator.Auc(columns, Noise(columns[0].Values.Count), Groups(columns),
            hardness with { Subsets = false, Permutations = 0 }, options.Seed, cancellationToken)).Seconds;

        FactorColumn[] Columns(int count) =>
            [.. factors.Select((factor, i) => new FactorColumn { Name = factor.Name, Tier = factor.Tier, Family = factor.Family, Values = Draw(count, i) })];

        static int[] Groups(FactorColumn[] columns) => [.. Enumerable.Range(0, columns[0].Values.Count)];
    }

    private HardnessScores Noise(int count)
    {
        double[] Scores(int number) => Array.ConvertAll(Draw(count, -1 - number), value => (double)value);
        return new() { Unlearner = "noise", All = Scores(0), Halves = [Scores(1), Scores(2)] };
    }

    private float[] Draw(int count, int number)
    {
        var random = new SeededRandom(Seed.Derive(options.Seed, "estimate", number));
        return [.. Enumerable.Range(0, count).Select(_ => (float)random.NextDouble())];
    }

    private static (int Small, int Large) Samples(int rows)
    {
        var large = Math.Min(rows, Math.Clamp(rows / SampleShare, SmallestSample, LargestSample));
        return (large / 2, large);
    }

    private void Report(StudyStage stage, string detail) => progress?.Report(new() { Stage = stage, Finished = 0, Total = 1, Detail = detail });

    private (double Seconds, T Result) Time<T>(Func<T> work)
    {
        var start = time.GetTimestamp();
        var result = work();
        return (time.GetElapsedTime(start).TotalSeconds, result);
    }
}
