
namespace Unlearn.Cli.Images;

/// <summary>Images in folders of their class, as ImageNet-1K's: <c>train/CLASS/*.JPEG</c>, and the same below <c>val</c> or <c>test</c>.</summary>
internal static class ImageFolders
{
    public const string Formats = "a folder with train/CLASS/* or CLASS/* image files (.jpg, .jpeg, .png, .webp or .bmp), "
        + "and val/CLASS/* or test/CLASS/* ones; without these every fifth image of a class is for testing";

    private const int TestEvery = 5;
    private static readonly string[] Suffixes = [".jpg", ".jpeg", ".png", ".webp", ".bmp"];

    /// <summary>Lists images, the same number of each class as far as it goes. None is decoded or held.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="classes">Most classes, the first by name.</param>
    /// <param name="rows">Most images to train on.</param>
    /// <param name="testRows">Most images to test on.</param>
    public static (List<RgbImage> Train, List<RgbImage> Test, List<string> ClassNames) Find(string path, int classes, int rows, int testRows)
    {
        var trainFolder = Path.Combine(path, TrainPart(path));
        if (!Directory.Exists(trainFolder))
            throw new DirectoryNotFoundException($"There is no folder '{Path.GetFullPath(trainFolder).TrimEnd(Path.DirectorySeparatorChar)}': name {Formats}.");
        List<string> names =
        [
            .. Directory.EnumerateDirectories(trainFolder).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal).Take(classes),
        ];
        if (names.Count < 2)
            throw new InvalidDataException($"'{trainFolder}' has {names.Count} class folders, but a study needs at least 2: name {Formats}.");
        var all = names.ConvertAll(name => Files(path, TrainPart(path), name));
        if (all.FindIndex(files => files.Count == 0) is >= 0 and var empty)
            throw new InvalidDataException($"'{Path.Combine(trainFolder, names[empty])}' holds no image: name {Formats}.");

        var testPart = Array.Find(["val", "test"], part => Directory.Exists(Path.Combine(path, part, names[0])));
        var (train, test) = testPart is null
            ? (all.ConvertAll(files => EveryFifth(files, isTest: false)), all.ConvertAll(files => EveryFifth(files, isTest: true)))
            : (all, names.ConvertAll(name => Files(path, testPart, name)));
        if (test.TrueForAll(files => files.Count == 0))
            throw new InvalidDataException($"'{path}' has no image to test on: name {Formats}.");
        return (Balanced(train, path, rows), Balanced(test, path, testRows), names);
    }

    /// <summary>Whether a folder has folders of images in it, one for each class.</summary>
    public static bool IsImages(string path) => Directory.Exists(path)
        && (Directory.Exists(Path.Combine(path, "train")) || Directory.EnumerateDirectories(path)
            .Any(folder => Directory.EnumerateFiles(folder).Any(file => Suffixes.Contains(Path.GetExtension(file).ToLowerInvariant()))));

    // Without train, class folders lie in the folder itself.
    private static string TrainPart(string path) => Directory.Exists(Path.Combine(path, "train")) || !IsImages(path) ? "train" : "";

    private static List<string> Files(string path, string part, string name) => Path.Combine(path, part, name) is var folder && Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder).Where(file => Suffixes.Contains(Path.GetExtension(file).ToLowerInvariant())).Order(StringComparer.Ordinal)]
        : [];

    private static List<string> EveryFifth(List<string> files, bool isTest) => [.. files.Where((_, i) => i % TestEvery == TestEvery - 1 == isTest)];

    private static List<RgbImage> Balanced(List<List<string>> files, string path, int count) =>
        [.. files.SelectMany((ofClass, label) => ofClass.Select((file, place) => (File: file, Label: label, Place: place)))
            .OrderBy(image => image.Place).ThenBy(image => image.Label)
            .Take(count)
            .Select(image => new RgbImage(Path.GetRelativePath(path, image.File).Replace('\\', '/'), image.Label,
                side => ImageDecoder.Decode(File.ReadAllBytes(image.File), side, image.File)))];
}
