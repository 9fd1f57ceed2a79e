using System.Globalization;
using Microsoft.ML;

namespace Unlearn.Transforms.Rows;

/// <summary>Reads the rows of a data view, checks them, and orders them by id.</summary>
internal static class SortedRows
{
    /// <summary>Ids, labels, and the features in memory or in a file.</summary>
    /// <param name="data">The data.</param>
    /// <param name="columns">Its columns, all three.</param>
    /// <param name="storePath">As of <see cref="TrainingRows.FromDataView"/>.</param>
    /// <param name="atRow">Called at every row.</param>
    public static (string[] Ids, long[] Labels, float[]? Values, FeatureFile? File) Read(
        IDataView data, TargetColumns columns, string? storePath, Action? atRow = null)
    {
        using var features = IFeatureSource.Create(storePath is null ? null : FolderOf(storePath), columns.FeatureCount);
        var (labels, ids) = RowReader.ReadAll(data, columns, features, atRow);
        if (ids.Length < 2)
            throw new InvalidOperationException($"Training needs at least 2 rows, but the data has {ids.Length}.");
        if (labels.Distinct().Count() < 2)
            throw new InvalidOperationException(
                $"All {ids.Length} rows have the same class in label column '{columns.Label!.Value.Name}': a classifier needs at least 2.");
        if (RowReader.FindRepeated(ids) is { } repeated)
            throw new InvalidOperationException($"Row id column '{columns.RowId!.Value.Name}' has '{repeated.Id}' in {repeated.Count} rows: "
                + "every row needs an id of its own.");
        var order = Order(ids);
        var (sortedIds, sortedLabels) = (Array.ConvertAll(order, row => ids[row]), Array.ConvertAll(order, row => labels[row]));
        return features is not FeatureFile file
            ? (sortedIds, sortedLabels, InMemory(features, order), null)
            : Directory.Exists(storePath)
                ? (sortedIds, sortedLabels, null, Sorted(file, order))
                : (sortedIds, sortedLabels, null,
                    RowFile.Create(file, order, new(sortedIds, sortedLabels, columns.ClassCount, columns.ClassNames, columns.IsText), storePath!));
    }

    private static FeatureFile Sorted(FeatureFile file, int[] order) => file.InOrder(order) is FeatureFile other && other != file ? other : file.Shared();

    private static float[] InMemory(IFeatureSource features, int[] order)
    {
        if (order.Length * (long)features.Width > Array.MaxLength)
            throw new InvalidOperationException(
                $"{order.Length} rows of {features.Width} features are more than memory holds in one piece: name a folder as storePath.");
        var sorted = new float[order.Length * features.Width];
        for (var i = 0; i < order.Length; i++)
            features.Read(order[i], sorted.AsSpan(i * features.Width, features.Width));
        return sorted;
    }

    private static string FolderOf(string storePath)
    {
        var folder = Directory.Exists(storePath) ? storePath : Path.GetDirectoryName(Path.GetFullPath(storePath))!;
        return Directory.Exists(folder) ? folder : throw new DirectoryNotFoundException($"'{storePath}' is no folder, nor is '{folder}': make it first.");
    }

    private static int[] Order(string[] ids)
    {
        var rows = Enumerable.Range(0, ids.Length);
        var numbers =
            ids.Select(id => long.TryParse(id, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : (long?)null).ToArray();
        return numbers.All(number => number is not null)
            ? [.. rows.OrderBy(row => numbers[row]).ThenBy(row => ids[row], StringComparer.Ordinal)]
            : [.. rows.OrderBy(row => ids[row], StringComparer.Ordinal)];
    }
}
