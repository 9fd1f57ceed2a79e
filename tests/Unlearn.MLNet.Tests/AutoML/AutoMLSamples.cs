using Microsoft.ML;
using Microsoft.ML.AutoML;
using Unlearn.MLNet;
using Unlearn.Transforms;

namespace Unlearn.MLNet.Tests.AutoML;

/// <summary>The page's samples of the AutoML adapter: compiled, and never run, since the package is not there.</summary>
internal static class AutoMLSamples
{
    public static async Task SearchFactorsAsync(IDataView rows, ITarget target, string modelPath, CancellationToken cancellationToken)
    {
        // <automl-factors>
        var mlContext = new MLContext(seed: 1);
        var pipeline = mlContext.Transforms.CopyColumns("Hard", "IsHard")
            .Append(mlContext.Auto().UnlearnFactors(new() { Target = target }))
            .Append(mlContext.Auto().BinaryClassification(labelColumnName: "Hard", featureColumnName: "UnlearnFactors"));
        var experiment = mlContext.Auto().CreateExperiment()
            .SetPipeline(pipeline)
            .SetBinaryClassificationMetric(BinaryClassificationMetric.AreaUnderRocCurve, labelColumn: "Hard")
            .SetDataset(rows, fold: 5, samplingKeyColumnName: "Group")
            .SetMaxModelToExplore(20);
        var best = await Task.Run(() => experiment.RunAsync(cancellationToken), cancellationToken);
        mlContext.Model.Save(best.Model, rows.Schema, modelPath);
        // </automl-factors>
    }

    public static async Task SearchTrainersAsync(
        IReadOnlyList<FactorColumn> factors, IReadOnlyList<bool> hard, IReadOnlyList<int> groups, IDataView labels, CancellationToken cancellationToken)
    {
        // <automl-hardness>
        var mlContext = new MLContext(seed: 1);
        var experiment = mlContext.Auto().CreateHardnessExperiment(new() { Budget = TimeSpan.FromMinutes(10), Folds = 5 });
        var found = await experiment.RunAsync(factors, hard, groups, new Progress<HardnessTrial>(Console.WriteLine), cancellationToken);
        var hardness = mlContext.Transforms.UnlearningHardness(labels, new() { Trainer = found.Trainer });
        // </automl-hardness>
        _ = hardness;
    }
}
