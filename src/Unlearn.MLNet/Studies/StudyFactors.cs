using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Transforms;
using Unlearn.Transforms.Rows;

namespace Unlearn.MLNet.Studies;

/// <summary>Computes the factors of a study's rows, with reference models where they are asked for.</summary>
/// <param name="options">The study's options.</param>
/// <param name="progress">Gets a report after every step; may be <see langword="null"/>.</param>
internal sealed class StudyFactors(StudyOptions options, IProgress<StudyProgress>? progress)
{
    private const int LargestBatch = 256;

    // One for each reference model, one for fitting, one for computing.
    private readonly int _steps = 2 + options.ReferenceModels;

    /// <summary>The factors that a study computes of its target's rows.</summary>
    public static IReadOnlyList<IHardnessFactor> Of(StudyOptions options, ITarget target) => options.Factors
        ?? [.. HardnessFactors.DefaultFor(target), .. HardnessFactors.All.Where(factor => options.ReferenceModels > 0 && factor.Tier == FactorTier.T3)];

    /// <summary>Computes the factors.</summary>
    /// <param name="target">The target.</param>
    /// <param name="rows">The rows that it was trained on.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    /// <returns>One column per factor, in order.</returns>
    public IReadOnlyList<FactorColumn> Compute(ITarget target, TrainingRows rows, CancellationToken cancellationToken)
    {
        var references = options.ReferenceModels == 0
            ? null
            : ReferenceModels.Train(options.Recipe, rows, options.Seed, options.ReferenceModels, workers: options.Workers,
                progress: new ReferencesProgress(this), cancellationToken: cancellationToken);
        Report(_steps - 2, "fitting");
        var chosen = Of(options, target);
        var context = new MLContext(options.Seed);
        var data = rows.ToDataView(context);
        using var transformer = context.Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options
        {
            Target = target,
            Factors = chosen,
            References = references,
            BatchSize = Math.Min(rows.AtOnce, LargestBatch),
            Seed = options.Seed,
            StoreFolder = rows.StoreFolder,
            CancellationToken = cancellationToken,
        }).Fit(data);
        Report(_steps - 1, "computing");
        var columns = Read(transformer.Transform(data), chosen.Count, rows, cancellationToken);
        Report(_steps, "computed");
        return
        [
            .. chosen.Zip(columns, (factor, values) => new FactorColumn { Name = factor.Name, Tier = factor.Tier, Values = values, Family = factor.Family }),
        ];
    }

    private static List<float>[] Read(IDataView factors, int count, TrainingRows rows, CancellationToken cancellationToken)
    {
        List<float>[] columns = [.. Enumerable.Range(0, count).Select(_ => new List<float>(rows.Count))];
        var vector = factors.Schema["UnlearnFactors"];
        using var cursor = factors.GetRowCursor([vector]);
        var read = VectorReader.Create(cursor, vector, "Factor", count, () => $"row '{rows.Ids[(int)cursor.Position]}'");
        var values = new float[count];
        while (cursor.MoveNext())
        {
            cancellationToken.ThrowIfCancellationRequested();
            read(values);
            for (var i = 0; i < columns.Length; i++)
                columns[i].Add(values[i]);
        }
        return columns;
    }

    private void Report(int finished, string detail) =>
        progress?.Report(new() { Stage = StudyStage.Factors, Finished = finished, Total = _steps, Detail = detail });

    private sealed class ReferencesProgress(StudyFactors factors) : IProgress<int>
    {
        public void Report(int value) => factors.Report(value, $"{value} of {factors._steps - 2} reference models");
    }
}
