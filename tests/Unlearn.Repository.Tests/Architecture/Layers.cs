namespace Unlearn.Repository.Tests.Architecture;

/// <summary>The folders of the libraries from the bottom up: each knows only itself and those before it.</summary>
internal static class Layers
{
    public static readonly IReadOnlyDictionary<string, string[]> ByAssembly = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["Unlearn.Transforms"] =
        [
            "Numerics", "Interop", "Runtime", "Rows", "Targets",
            "Torch/Modules", "Torch/PerSample/Gradients", "Torch/PerSample/Samplers",
            "Torch/PerSample", "Torch/PerSample/Curvature", "Torch", "Torch/Training/Steps", "Torch/Training/Stacked", "Torch/Training",
            "MLNetModels/Trees", "MLNetModels", "References",
            "Factors", "Factors/Prediction", "Factors/Gradients", "Factors/Influence",
            "Factors/Boundary", "Factors/Neighborhood", "Factors/LeaveOneOut", "Factors/Stein", "Factors/TrainingDynamics", "Factors/Memorization",
            "Factors/Catalog",
            "Pipeline/DataViews", "Pipeline/Persistence", "Pipeline",
        ],
        ["Unlearn.MLNet"] =
        [
            "Statistics",
            "Unlearners", "Unlearners/Steps", "Unlearners/Retraining", "Unlearners/Gradient", "Unlearners/Curvature",
            "Unlearners/Catalog", "Unlearners/Calibration",
            "Measuring", "Trials", "Trials/Planning", "Trials/Ledger", "Trials/Running", "Trials/Calibration",
            "GroundTruth", "Labeling",
            "Hardness/Trainers", "Hardness", "Hardness/CrossValidation", "Hardness/Prediction", "Hardness/Transfer", "Hardness/Evaluation",
            "Studies",
            "Reports/Html", "Reports/Charts", "Reports/Pictures", "Reports/Sections", "Reports/Rows", "Reports", "Hardness/Search",
            "Triage", "Erasure/Log", "Erasure/Storage", "Erasure/Auditing", "Erasure/Proof", "Erasure/Execution", "Erasure/Purging", "Erasure",
        ],
        ["Unlearn.Conformance"] = [""],
        ["Unlearn.AutoML"] = [""],
        ["Unlearn.Onnx"] = [""],
        ["Unlearn.Parquet"] = [""],
        ["Unlearn.PyTorch"] = [""],
        ["Unlearn.TextClassification"] = [""],
        ["Unlearn.USearch"] = [""],
        ["Unlearn.Distributed"] = ["Blobs", "Database", "Plans", "Parts", "Jobs", ""],
        ["Unlearn.Distributed.Dashboard"] = [""],
        ["Unlearn.Hosting"] = [""],
        ["Unlearn.Cli"] = ["Terminal", "Studies", "Images", "Texts", "Tables", "Models", "Settings", "Loading", "Erasures", "Commands", ""],
    };
}
