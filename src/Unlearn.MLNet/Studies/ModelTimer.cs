using Unlearn.MLNet.Hardness.Evaluation;
using Unlearn.Transforms;
using Unlearn.Transforms.Factors.LeaveOneOut;

namespace Unlearn.MLNet.Studies;

/// <summary>Times factors and hardness models of a study: factors on two samples of rows, models on noise.</summary>
/// <param name="options">Options of the study.</param>
/// <param name="clock">Times the work.</param>
/// <param name="progress">Gets a report before every step; may be <see langword="null"/>.</param>
internal sealed class ModelTimer(StudyOptions options, WorkClock clock, IProgress<StudyProgress>? progress)
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
        var factors = StudyFactors.Of(options, target).Where(factor => factor.Tier != FactorTier.T3)
            .ToLookup(factor => factor.Name == HardnessFactors.DeletedResidual.Name);
        var seconds = TimeFactors([.. factors[false]], sizes) + TimeFactors([.. factors[true]], SamplesOfLandmarks(rows.Count));
        using var small = EstimateLimits.Sample(rows, sizes.Small);
        using var large = EstimateLimits.Sample(rows, sizes.Large);
        var search = SampledSeconds.ByProcessor(sizes.Small, Search(small), sizes.Large, Search(large), rows.Count);
        Report(StudyStage.Hardness, "models of noise");
        return (seconds, search + TimeHardness(target, rows.Count, cancellationToken));

        WorkTime Search(TrainingRows sample) => Time(() => NearDuplicateGroups.Of(sample, target, cancellationToken: cancellationToken));

        double TimeFactors(IReadOnlyList<IHardnessFactor> few, (int Small, int Large) sizes)
        {
            if (few.Count == 0)
                return 0;
            var compute = new StudyFactors(options with { ReferenceModels = 0, Factors = few }, progress: null);
            using var small = EstimateLimits.Sample(rows, sizes.Small);
            using var large = EstimateLimits.Sample(rows, sizes.Large);
            var (first, again, all) = (On(small), On(small), On(large));
            // The first time compiles.
            return Math.Max(0, first.Seconds - again.Seconds) + SampledSeconds.ByProcessor(sizes.Small, again, sizes.Large, all, rows.Count);

            WorkTime On(TrainingRows sample) => Time(() => compute.Compute(target, sample, cancellationToken));
        }
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
        var exact = Time(() => HardnessEvaluator.Compare(
            few, [Noise(few[0].Values.Count)], Groups(few), hardness, options.Seed, classes: null, cancellationToken)).Seconds;
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

    // Where it is linear in the rows, if they are that many.
    private static (int Small, int Large) SamplesOfLandmarks(int rows)
    {
        const int Fewest = LeaveOneOutRegression.MostRows + 1;
        return rows < Fewest ? (rows / 2, rows) : (Fewest, Math.Min(rows, 2 * Fewest));
    }

    private void Report(StudyStage stage, string detail) => progress?.Report(new() { Stage = stage, Finished = 0, Total = 1, Detail = detail });

    private WorkTime Time<T>(Func<T> work)
    {
        var start = clock.Start();
        work();
        return clock.Since(start);
    }
}
