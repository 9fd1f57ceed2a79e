using System.Text.Json;
using Unlearn.Cli.Terminal;
using Unlearn.MLNet;

namespace Unlearn.Cli.Studies;

/// <summary>What a transfer leaves in a folder: its matrices as JSON, and a chart of each.</summary>
internal static class TransferFolder
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { WriteIndented = true, NewLine = "\n" };

    public static void Write(string folder, IReadOnlyList<(string Unlearner, TransferMatrix Matrix)> matrices)
    {
        Directory.CreateDirectory(folder);
        foreach (var (unlearner, matrix) in matrices)
            Files.Write(Path.Combine(folder, $"{unlearner}.svg"),
                StudyFiles.RenderTransfer($"Transfer of hardness models, {unlearner}: AUC, trained on the line, tested on the column", matrix));
        Files.Write(Path.Combine(folder, "transfer.json"), JsonSerializer.Serialize(Content(matrices), Options) + "\n");
    }

    /// <summary>What the file holds.</summary>
    public static object Content(IReadOnlyList<(string Unlearner, TransferMatrix Matrix)> matrices) => matrices.Select(found => new
    {
        found.Unlearner,
        found.Matrix.Names,
        Auc = found.Matrix.Auc.Select(line => line.Select(auc => new { auc.Value, auc.Low, auc.High })),
    });
}
