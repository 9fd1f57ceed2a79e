using System;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>Copies an assembly with every type and member of its own namespaces made public: something to compile against, never to run.</summary>
public sealed class PublicizeAssembly : Task
{
    [Required]
    public string Source { get; set; }

    [Required]
    public string Destination { get; set; }

    /// <summary>Types elsewhere stay hidden: the compiler's own attributes would clash with those of the framework.</summary>
    [Required]
    public string RootNamespace { get; set; }

    public override bool Execute()
    {
        var image = File.ReadAllBytes(Source);
        Publicize(image);
        ReplaceAtomically(Destination, image);
        return true;
    }

    private void Publicize(byte[] image)
    {
        using var assembly = new PEReader(new MemoryStream((byte[])image.Clone()));
        var metadata = assembly.GetMetadataReader();

        foreach (var handle in metadata.TypeDefinitions)
        {
            var type = metadata.GetTypeDefinition(handle);
            if (!type.IsNested && !metadata.GetString(type.Namespace).StartsWith(RootNamespace, StringComparison.Ordinal))
                continue;

            SetAccess(TableIndex.TypeDef, handle, (int)(type.IsNested ? TypeAttributes.NestedPublic : TypeAttributes.Public));

            var events = type.GetEvents().Select(e => metadata.GetString(metadata.GetEventDefinition(e).Name)).ToList();
            foreach (var field in type.GetFields())
                if (!events.Contains(metadata.GetString(metadata.GetFieldDefinition(field).Name)))
                    SetAccess(TableIndex.Field, field, (int)FieldAttributes.Public);

            foreach (var method in type.GetMethods())
                SetAccess(TableIndex.MethodDef, method, (int)Publicized(metadata.GetMethodDefinition(method).Attributes));
        }

        // The access bits of types, fields and methods alike are the low three of their flags.
        void SetAccess(TableIndex table, EntityHandle row, int access)
        {
            var flags = assembly.PEHeaders.MetadataStartOffset
                + metadata.GetTableMetadataOffset(table)
                + (MetadataTokens.GetRowNumber(row) - 1) * metadata.GetTableRowSize(table)
                + (table == TableIndex.MethodDef ? sizeof(uint) + sizeof(ushort) : 0); // behind RVA and ImplFlags
            image[flags] = (byte)(image[flags] & ~7 | access);
        }
    }

    /// <summary>An override must repeat the access of what it overrides, so what only derived classes see stays so.</summary>
    private static MethodAttributes Publicized(MethodAttributes method)
    {
        var access = method & MethodAttributes.MemberAccessMask;
        if ((method & MethodAttributes.Virtual) == 0)
            return MethodAttributes.Public;
        return access switch
        {
            MethodAttributes.FamANDAssem => MethodAttributes.Family,
            MethodAttributes.Family or MethodAttributes.FamORAssem => access,
            _ => MethodAttributes.Public,
        };
    }

    private static void ReplaceAtomically(string path, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path));
        var temporary = $"{path}.{Guid.NewGuid():N}";
        File.WriteAllBytes(temporary, content);
        try
        {
            File.Move(temporary, path);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Replace(temporary, path, destinationBackupFileName: null);
        }
    }
}
