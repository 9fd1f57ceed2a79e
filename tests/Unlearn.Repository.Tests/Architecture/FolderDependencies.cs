using System.Reflection;
using System.Text.RegularExpressions;

namespace Unlearn.Repository.Tests.Architecture;

/// <summary>Which folder of a library knows which, by the compiled code.</summary>
internal static partial class FolderDependencies
{
    /// <summary>Folders of an assembly's sources, from its own root, with slashes; empty for the root.</summary>
    public static IReadOnlyList<string> FoldersOf(string assembly) => [.. Files(assembly).Select(file => file.Folder).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Sources of an assembly: folder, name without its ending, and text.</summary>
    public static IEnumerable<(string Folder, string Name, string Text)> Files(string assembly) =>
        from file in Repository.LibrarySources
        where file.Path.StartsWith($"src/{assembly}/", StringComparison.Ordinal) && !file.Path.Contains("/buildTransitive/", StringComparison.Ordinal)
        let path = file.Path[$"src/{assembly}/".Length..]
        select (path.Contains('/') ? path[..path.LastIndexOf('/')] : "", Path.GetFileNameWithoutExtension(path), file.Text);

    /// <summary>Each pair of a type and another one of the same assembly that it names, with their folders.</summary>
    public static IReadOnlyList<(string User, string UserFolder, string Used, string UsedFolder)> Of(Assembly assembly)
    {
        var folders = TypeFolders(assembly.GetName().Name!);
        using var code = new CompiledCode(assembly);
        var pairs =
            from type in code.Module.GetTypes()
            let user = CompiledCode.Outermost(type)
            where folders.ContainsKey(Key(user.Name))
            from reference in CompiledCode.References(type)
            let named = (reference as Mono.Cecil.TypeReference ?? reference.DeclaringType).GetElementType()
            where named.Scope == code.Module
            let used = CompiledCode.Outermost(named.Resolve())
            where folders.ContainsKey(Key(used.Name))
            select (user.FullName, folders[Key(user.Name)], used.FullName, folders[Key(used.Name)]);
        return [.. pairs.Distinct()];
    }

    /// <summary>The folder that declares a type, by the type's name, which no other type of the assembly has.</summary>
    public static IReadOnlyDictionary<string, string> TypeFolders(string assembly)
    {
        var folders = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (folder, name, text) in Files(assembly))
            foreach (Match declaration in Declaration().Matches(text))
                if (!folders.TryAdd(declaration.Groups["name"].Value, folder) && folders[declaration.Groups["name"].Value] != folder)
                    throw new InvalidOperationException($"{assembly} declares {declaration.Groups["name"].Value} in "
                        + $"'{folders[declaration.Groups["name"].Value]}' and in '{folder}' ({name}.cs).");
        return folders;
    }

    // Generic types end in their number of parameters.
    private static string Key(string typeName) => typeName.Split('`')[0];

    [GeneratedRegex(@"^(?:public |internal |file )(?:sealed |static |abstract |readonly |partial |unsafe )*(?:class|struct|interface|enum|record class|record "
        + @"struct|record|delegate [^(]*?) ?\b(?<name>\w+)(?=[\s(<:;{]|$)", RegexOptions.Multiline)]
    private static partial Regex Declaration();
}
