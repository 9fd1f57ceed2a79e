using Microsoft.ML.SearchSpace;

namespace Microsoft.ML.AutoML;

public static class MLContextExtension
{
    public static AutoCatalog Auto(this MLContext mlContext) => throw null!;
}

public sealed class AutoCatalog
{
    internal AutoCatalog() { }

    public AutoMLExperiment CreateExperiment(AutoMLExperiment.AutoMLExperimentSettings? settings = null) => throw null!;

    public SweepablePipeline BinaryClassification(
        string labelColumnName = "Label", string featureColumnName = "Features", string? exampleWeightColumnName = null, bool useFastForest = true,
        bool useLgbm = true, bool useFastTree = true, bool useLbfgsLogisticRegression = true, bool useSdcaLogisticRegression = true) => throw null!;
}

public abstract class ExperimentSettings
{
}

public class AutoMLExperiment
{
    internal AutoMLExperiment() { }

    public class AutoMLExperimentSettings : ExperimentSettings
    {
        public int? Seed { get; set; }
    }

    public AutoMLExperiment SetTrainingTimeInSeconds(uint trainingTimeInSeconds) => throw null!;

    public AutoMLExperiment SetMaxModelToExplore(int maxModel) => throw null!;

    public AutoMLExperiment SetMonitor<TMonitor>(TMonitor monitor)
        where TMonitor : class, IMonitor => throw null!;

    public Task<TrialResult> RunAsync(CancellationToken ct = default) => throw null!;
}

public static class AutoMLExperimentExtension
{
    public static AutoMLExperiment SetDataset(this AutoMLExperiment experiment, IDataView dataset, int fold = 10, string? samplingKeyColumnName = null) =>
        throw null!;

    public static AutoMLExperiment SetBinaryClassificationMetric(
        this AutoMLExperiment experiment, BinaryClassificationMetric metric, string labelColumn = "label", string predictedColumn = "PredictedLabel") =>
        throw null!;

    public static AutoMLExperiment SetPipeline(this AutoMLExperiment experiment, SweepablePipeline pipeline) => throw null!;

    public static AutoMLExperiment SetRandomSearchTuner(this AutoMLExperiment experiment, int? seed = null) => throw null!;
}

public enum BinaryClassificationMetric
{
    Accuracy,
    AreaUnderRocCurve,
}

public interface IMonitor
{
    void ReportCompletedTrial(TrialResult result);

    void ReportBestTrial(TrialResult result);

    void ReportFailTrial(TrialSettings settings, Exception? exception = null);

    void ReportRunningTrial(TrialSettings settings);
}

public class TrialResult
{
    public TrialSettings TrialSettings { get; set; } = null!;

    public ITransformer Model { get; set; } = null!;

    public double Metric { get; set; }

    public double DurationInMilliseconds { get; set; }
}

public class TrialSettings
{
    public int TrialId { get; set; }

    public Parameter Parameter { get; set; } = null!;
}
