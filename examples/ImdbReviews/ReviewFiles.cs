using System.Globalization;
using System.IO.Compression;

namespace Unlearn.Examples.ImdbReviews;

/// <summary>The reviews of aclImdb: its folder, or a table of them.</summary>
internal static class ReviewFiles
{
    public const string Formats = "the folder aclImdb (aclImdb_v1.tar.gz of https://ai.stanford.edu/~amaas/data/sentiment/, unpacked: "
        + "{train,test}/{pos,neg}/NUMBER_RATING.txt), or a tab-separated table with the columns split, label, rating, id and text: .tsv, .tsv.gz or .tsv.br";

    private static readonly string[] Columns = ["split", "label", "rating", "id", "text"];

    /// <summary>Reads the first reviews of both parts.</summary>
    /// <param name="path">The folder or table.</param>
    /// <param name="rows">Reviews of the training part.</param>
    /// <param name="testRows">Reviews of the test part.</param>
    public static (List<Review> Train, List<Review> Test) Read(string path, int rows, int testRows)
    {
        if (!Directory.Exists(path) && !File.Exists(path))
            throw new FileNotFoundException($"IMDb's reviews are not at '{Path.GetFullPath(path)}': give --data {Formats}.");
        var (train, test) = Directory.Exists(path) ? (Folder(path, "train", rows), Folder(path, "test", testRows)) : Table(path, rows, testRows);
        Demand(train.Count, rows, "train", path);
        Demand(test.Count, testRows, "test", path);
        return (train, test);
    }

    // Positive and negative reviews take turns.
    private static List<Review> Folder(string path, string part, int count)
    {
        var folders = new[] { "neg", "pos" }.Select(name => Path.Combine(path, part, name)).ToList();
        if (folders.Find(folder => !Directory.Exists(folder)) is { } missing)
            throw new DirectoryNotFoundException($"There is no folder '{missing}': give --data {Formats}.");
        return [.. folders
            .SelectMany((folder, label) => Directory.EnumerateFiles(folder, "*.txt")
                .OrderBy(file => int.Parse(Path.GetFileName(file).Split('_')[0], CultureInfo.InvariantCulture))
                .Select((file, place) => (File: file, IsPositive: label == 1, Place: place)))
            .OrderBy(file => file.Place).ThenBy(file => file.IsPositive)
            .Take(count)
            .Select(file => new Review(Path.GetFileNameWithoutExtension(file.File), file.IsPositive, File.ReadAllText(file.File)))];
    }

    private static (List<Review> Train, List<Review> Test) Table(string path, int rows, int testRows)
    {
        using var reader = new StreamReader(Open(path));
        if (reader.ReadLine()?.Split('\t') is not { } header || !header.SequenceEqual(Columns))
            throw new InvalidDataException($"'{path}' does not begin with the columns {string.Join(", ", Columns)}: give --data {Formats}.");
        List<Review> train = [], test = [];
        for (var line = 2; (train.Count < rows || test.Count < testRows) && reader.ReadLine() is { } text; line++)
        {
            if (text.Split('\t') is not [var split, var label, var rating, var id, var review] || label is not ("0" or "1"))
                throw new InvalidDataException(
                    $"Line {line} of '{path}' does not have the {Columns.Length} columns {string.Join(", ", Columns)}, with label 0 or 1.");
            var (list, most) = split == "train" ? (train, rows) : (test, testRows);
            if (list.Count < most)
                list.Add(new($"{id}_{rating}", label == "1", review));
        }
        return (train, test);
    }

    private static Stream Open(string path) => Path.GetExtension(path) switch
    {
        ".gz" => new GZipStream(File.OpenRead(path), CompressionMode.Decompress),
        ".br" => new BrotliStream(File.OpenRead(path), CompressionMode.Decompress),
        _ => File.OpenRead(path),
    };

    private static void Demand(int found, int count, string part, string path)
    {
        if (found < count)
            throw new ArgumentException(
                $"{count} {part} rows were asked for, but '{path}' holds {found}: ask for fewer --rows, or name the whole set by --data.");
    }
}
