using Unlearn.MLNet;

namespace Unlearn.Cli.Studies;

/// <summary>What a command line calls the trainers of hardness models.</summary>
internal static class TrainerNames
{
    public const string FastTree = "fasttree";
    private const string LightGbm = "lightgbm";
    private const string FastForest = "fastforest";
    private const string Logistic = "logistic";
    private const string Search = "search";
    private const int Candidates = 8;

    public static string[] All { get; } = [FastTree, LightGbm, FastForest, Logistic, Search];

    public static string Description => $"What trains the hardness models; {Search} chooses between {Candidates} settings of FastTree and LightGBM within the "
        + $"training rows of each fold, which takes {Candidates * new HardnessOptions().InnerFolds} times as long.";

    public static HardnessOptions Options(string name, int seed) => name switch
    {
        Search => new() { Candidates = HardnessTrainer.RandomCandidates(Candidates, seed) },
        LightGbm => new() { Trainer = HardnessTrainer.LightGbm() },
        FastForest => new() { Trainer = HardnessTrainer.FastForest() },
        Logistic => new() { Trainer = HardnessTrainer.LogisticRegression() },
        FastTree => new(),
        _ => throw new ArgumentException($"There is no trainer '{name}'."),
    };
}
