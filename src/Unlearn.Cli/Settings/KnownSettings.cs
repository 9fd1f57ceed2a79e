using Unlearn.Cli.Models;
using Unlearn.Cli.Studies;

namespace Unlearn.Cli.Settings;

/// <summary>Everything that can be set.</summary>
internal static class KnownSettings
{
    /// <summary>Variable of the environment with the connection string. It holds a password, and others can see a command line.</summary>
    public const string ConnectionVariable = "UNLEARN_CONNECTION";

    private const int FewestRows = 20;
    private const int FewestReferenceModels = 4;

    public static readonly Setting Data =
        new("data", SettingKind.Text, "Table (CSV, TSV or Parquet; .gz, .br or .zst) or folder of images (train/CLASS/* or CLASS/*). "
            + "Or a folder of Parquet files, for 'factors' of a trained model.") { ValueName = "DATA" };
    public static readonly Setting Label =
        new("label", SettingKind.Text, "Column of the classes. Default: the one named label, class, target or y.") { ValueName = "COLUMN" };
    public static readonly Setting Id =
        new("id", SettingKind.Text, "Column of the row ids. Default: one named id without repetition, or the rows' numbers.") { ValueName = "COLUMN" };
    public static readonly Setting TextColumn =
        new("text", SettingKind.Text, "Column of texts that --model text or transformer reads. Default: the one with most words.") { ValueName = "COLUMN" };
    public static readonly Setting Column = new("column", SettingKind.List, "What a column is, where the table of columns is wrong: number, category, "
        + "text or ignored. May be repeated.") { ValueName = "NAME=KIND" };
    public static readonly Setting Missing =
        new("missing", SettingKind.List, "Text that stands for a missing value, beside ?, NA, NaN, null and None. May be repeated.");
    public static readonly Setting Separator =
        new("separator", SettingKind.Text, "Between a text file's cells: a letter, or tab. Default: found out.") { ValueName = "LETTER" };
    public static readonly Setting Header = new("header", SettingKind.Text, "Whether a text file's first line names the columns: yes or no. "
        + "Default: found out.") { ValueName = "yes|no", Choices = ["yes", "no"] };
    public static readonly Setting Encoding =
        new("encoding", SettingKind.Text, "A text file's encoding, such as iso-8859-1. Default: found out.") { ValueName = "NAME" };
    public static readonly Setting Split =
        new("split", SettingKind.Text, "Column that says train or test. Default none: a seeded draw.") { ValueName = "COLUMN" };
    public static readonly Setting SkipDamaged = new("skip-damaged", SettingKind.Flag, "Leaves out image files that cannot be decoded, and lists them. "
        + "Default: the first one is an error.");
    public static readonly Setting Rows = new("rows", SettingKind.Integer, "Training rows, all of them audited. "
        + $"{SampleSizes.Rows} At most three quarters of the table.") { ValueName = "N", Least = FewestRows };
    public static readonly Setting TestRows = new("test-rows", SettingKind.Integer, $"Test rows. {SampleSizes.TestRows}") { ValueName = "N", Least = 2 };

    public static readonly Setting Model =
        new("model", SettingKind.Text, $"{string.Join(", ", ModelNames.All)}. Default {ModelNames.OfTables}; {ModelNames.OfTexts} for a table of texts alone; "
            + $"{ModelNames.OfImages} for images. Or a trained model for 'factors': a .zip file of ML.NET, or an .onnx file.")
        {
            ValueName = "NAME",
            Choices = ModelNames.All,
            FileEndings = ModelNames.FileEndings,
        };
    public static readonly Setting Epochs =
        new("epochs", SettingKind.Integer, "Passes over the rows; of boosted trees their number. Default: the model's.") { ValueName = "N", Least = 1 };
    public static readonly Setting Hidden =
        new("hidden", SettingKind.List, "Widths of hidden layers, or channels of a cnn's convolutions: 128,64. Default: the model's.") { ValueName = "N,N" };
    public static readonly Setting BatchSize =
        new("batch-size", SettingKind.Integer, "Rows of a training step. Default: the model's.") { ValueName = "N", Least = 1 };
    public static readonly Setting LearningRate =
        new("learning-rate", SettingKind.Number, "Learning rate. Default: the model's.") { ValueName = "X", Least = 1e-9, Most = 1e3 };
    public static readonly Setting Device = new("device", SettingKind.Text, "Where networks compute: cpu, cuda, cuda:N, or auto for the first CUDA device "
        + "if there is one. Default cpu.") { ValueName = "DEVICE" };
    public static readonly Setting Width =
        new("width", SettingKind.Integer, "Channels of the first of resnet18's four stages. Default 64.") { ValueName = "N", Least = 1 };
    public static readonly Setting ImageSize = new("image-size", SettingKind.Integer, "Side in pixels that the middle square of each image is scaled to. "
        + "Default 48, short 32, full 224.") { ValueName = "N", Least = 8, Most = 1024 };
    public static readonly Setting Tokens =
        new("tokens", SettingKind.Integer, "First words of a text that are read. Default 200, transformer 64.") { ValueName = "N", Least = 1, Most = 4096 };
    public static readonly Setting VocabularySize = new("vocabulary", SettingKind.Integer, "Distinct words that are kept: "
        + "the most frequent ones. Default 5000.") { ValueName = "N", Least = 3, Most = 1e6 };

    public static readonly Setting Factors =
        new("factors", SettingKind.List, "Names of factors, as in docs/factors.md. Default: those that the model can give.") { ValueName = "A,B" };

    public static readonly Setting Short = new("short", SettingKind.Flag, "A small run of about a minute.");
    public static readonly Setting Full = new("full", SettingKind.Flag, "A larger run, of more rows and unlearners; after a stop, the same command goes on.");
    public static readonly Setting Unlearners = new("unlearners", SettingKind.List, "Names of unlearners: EU,FT,SISA,NegGrad+,SalUn,SCRUB,SSD and others. "
        + $"Approximate ones need EU. Default {UnlearnerNames.Three}, full {UnlearnerNames.Seven}, trees EU,SISA.") { ValueName = "A,B" };
    public static readonly Setting Trials = new("trials", SettingKind.Integer, "Trials of each unlearner, an even number. Default EU 40, FT and SISA 60, "
        + "others 40; short 8 to 20, full 100.") { ValueName = "N", Least = 2 };
    public static readonly Setting ReferenceModels = new("reference-models", SettingKind.Integer, "Models trained on half of the rows each, 0 or at least 4, "
        + "that add the factors of tier T3. Default 0.") { ValueName = "N", Least = 0 };
    public static readonly Setting Trainer = new("trainer", SettingKind.Text, $"What trains the hardness models: {string.Join(", ", TrainerNames.All)}. "
        + $"Default {TrainerNames.FastTree}.") { ValueName = "NAME", Choices = TrainerNames.All };
    public static readonly Setting SingleRows = new("single-rows", SettingKind.Integer, "Rows that FT and NegGrad+ also forget one at a time, "
        + "to compare with groups: 0, or at least 50. Default 0.") { ValueName = "N", Least = 0 };
    public static readonly Setting RetryFailed = new("retry-failed", SettingKind.Flag, "Tries trials again that failed in an earlier run.");
    public static readonly Setting MaximumTrials =
        new("maximum-trials", SettingKind.Integer, "Most trials of all unlearners together. Default 1000.") { ValueName = "N", Least = 2 };
    public static readonly Setting MaximumMinutes =
        new("maximum-minutes", SettingKind.Number, "Most minutes of trials. Default: no limit.") { ValueName = "N", Least = 0.01, Most = 1e6 };
    public static readonly Setting Cluster = new("cluster", SettingKind.Text, "Runs trials, or factors of Parquet files, on the machines that run "
        + $"'unlearn worker FOLDER', a folder that all of them share. The variable {ConnectionVariable} names the PostgreSQL database that all of them use. "
        + "Default: here.") { ValueName = "FOLDER" };
    public static readonly Setting Calibration = new("calibration", SettingKind.Text, "Whether approximate unlearners get the strength that forgets best "
        + "within a budget of accuracy, found before the trials: yes or no. Default yes.") { ValueName = "yes|no", Choices = ["yes", "no"] };

    public static readonly Setting Tolerance = new("tolerance", SettingKind.Number, "Largest residual memory of an erased row that is accepted, in standard "
        + "deviations of retraining. Default: what 95 % of exact retraining is within.") { ValueName = "X", Least = 0, Most = 1e9 };
    public static readonly Setting Confidence = new("confidence", SettingKind.Number, "How surely a row's residual memory is to be within its bound, and an "
        + "audit to pass exact retraining. Default 0.9.") { ValueName = "X", Least = 0.01, Most = 0.999 };
    public static readonly Setting AccuracyLoss = new("accuracy-loss", SettingKind.Number, "Largest loss of accuracy that a method may cost. "
        + "Default 0.02.") { ValueName = "X", Least = 0, Most = 1 };
    public static readonly Setting Methods = new("methods", SettingKind.List, "Methods that may serve requests: nothing, EU, FT and whatever was labeled. "
        + "Default: all of them.") { ValueName = "A,B" };
    public static readonly Setting LeadDays = new("lead-days", SettingKind.Number, "Days before a due date at which the retraining starts that requests wait "
        + "for. Default 1.") { ValueName = "N", Least = 0, Most = 3650 };
    public static readonly Setting AuditModels = new("audit-models", SettingKind.Integer, "Retrainings that audit rows without labels: 0 for no such audit, "
        + "or at least 4. Default 8.") { ValueName = "N", Least = 0, Most = 1000 };

    public static readonly Setting Seed = new("seed", SettingKind.Integer, "Root seed. Default 1.") { ValueName = "N" };
    public static readonly Setting Workers = new("workers", SettingKind.Integer, "Trials, or parts of Parquet files, at once, a core each. It changes the "
        + "time, never the results. Default: the cores.") { ValueName = "N", Least = 1, Most = 1024 };
    public static readonly Setting Output =
        new("out", SettingKind.Text, "Output folder, of one study only. Default: named after the data and the model.") { ValueName = "FOLDER" };

    public static IReadOnlyList<Setting> OfData { get; } =
        [Data, Label, Id, TextColumn, Column, Missing, Separator, Header, Encoding, Split, SkipDamaged, Rows, TestRows];

    public static IReadOnlyList<Setting> OfModels { get; } = [Model, Epochs, Hidden, BatchSize, LearningRate, Device, Width, ImageSize, Tokens, VocabularySize];

    public static IReadOnlyList<Setting> OfRuns { get; } = [Short, Full, Seed, Workers, Output];

    public static IReadOnlyList<Setting> OfFactors { get; } = [Factors, ReferenceModels];

    public static IReadOnlyList<Setting> OfStudies { get; } = [Unlearners, Trials, Calibration, ReferenceModels, Trainer, SingleRows, RetryFailed, Cluster];

    public static IReadOnlyList<Setting> OfLabels { get; } = [Unlearners, Calibration, MaximumTrials, MaximumMinutes, RetryFailed];

    /// <summary>What is accepted of erasures.</summary>
    public static IReadOnlyList<Setting> OfErasures { get; } = [Tolerance, Confidence, AccuracyLoss, Methods, LeadDays, AuditModels];

    /// <summary>Lists whose values are separated by commas too. Names of columns and texts of cells may hold commas.</summary>
    public static IReadOnlyList<Setting> Separated { get; } = [Hidden, Unlearners, Factors, Methods];

    public static IReadOnlyList<Setting> All { get; } =
        [.. OfData, .. OfModels, .. OfStudies, Factors, MaximumTrials, MaximumMinutes, .. OfErasures, .. OfRuns];
}
