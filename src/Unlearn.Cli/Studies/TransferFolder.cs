using System.Text.Json;
using Unlearn.Cli.Terminal;
using Unlearn.MLNet;

namespace Unlearn.Cli.Studies;

/// <summary>What a transfer leaves in a folder: its matrices as JSON, and a chart of each.</summary>
internal static class TransferFolder
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { WriteIndented = true, NewLine = "\n" };

    public static void Write(string folder, IReadOnlyList<FoundTransfer> matrices)
    {
        Directory.CreateDirectory(folder);
        foreach (var (unlearner, matrix, _) in matrices)
            Files.Write(Path.Combine(folder, $"{unlearner}.svg"),
                StudyFiles.RenderTransfer($"Transfer of hardness models, {unlearner}: AUC, trained on the line, tested on the column", matrix));
        Files.Write(Path.Combine(folder, "transfer.json"), JsonSerializer.Serialize(Content(matrices), Options) + "\n");
    }

    /// <summary>What the file holds.</summary>
    public static object Content(IReadOnlyList<FoundTransfer> matrices) => matrices.Select(found => new
    {
        found.Unlearner,
        found.Matrix.Names,
        Auc = found.Matrix.Auc.Select(line => line.Select(Estimate)),
        SameRows = found.Stability is not { } stability ? null : new
        {
            Targets = stability.Labels.Runs,
            stability.Labels.Spearman,
            SpearmanCeiling = Finite(stability.Labels.SpearmanCeiling),
            stability.Labels.Overlap,
            stability.Labels.Chance,
            OverlapCeiling = Finite(stability.Labels.OverlapCeiling),
            AucOverTargets = Estimate(stability.Auc),
        },
    });

    private static object Estimate(AucEstimate auc) => new { auc.Value, auc.Low, auc.High };

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
